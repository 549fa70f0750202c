import { expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount, settings, type MwiStoreUnderTest } from './under-test.ts';

/** How facts become counts, and when a revision moves. */
export function countingContract(open: () => Promise<MwiStoreUnderTest>): void {
  test('counts new and old messages, urgent ones among them', async () => {
    const { store } = await open();
    await recount(store, MAILBOX);
    await apply(store, MAILBOX, facts(message('a', 1), message('b', 1, 'new', true), message('c', 2, 'old', true)));
    expect((await mustRead(store, MAILBOX)).counts).toEqual({ new: 2, old: 1, urgentNew: 1, urgentOld: 1 });
  });

  test('moves a message from new to old and lets it go', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 1)));
    const read = await apply(store, MAILBOX, facts(message('a', 2, 'old')));
    expect(read.counts).toEqual({ new: 0, old: 1, urgentNew: 0, urgentOld: 0 });
    const gone = await apply(store, MAILBOX, facts(message('a', 3, 'gone')));
    expect(gone.counts).toEqual({ new: 0, old: 0, urgentNew: 0, urgentOld: 0 });
    expect(gone.revision).toBeGreaterThan(read.revision);
  });

  test('a fact that comes twice, late or after the message went changes nothing, not even the revision', async () => {
    const { store, clock } = await open();
    await recount(store, MAILBOX);
    const history = [message('a', 1), message('a', 2, 'old'), message('a', 3, 'gone'), message('b', 1)];
    const before = await apply(store, MAILBOX, facts(...history));
    await clock.advance(60_000);
    for (const fact of history) expect(await apply(store, MAILBOX, facts(fact))).toEqual(before);
    expect(await mustRead(store, MAILBOX)).toEqual(before);
  });

  test('a newer fact that changes no count moves no revision, and an older one cannot come back behind it', async () => {
    const { store, clock } = await open();
    const before = await recount(store, MAILBOX, facts(message('a', 1, 'old')));
    await clock.advance(1_000);
    expect(await apply(store, MAILBOX, facts(message('a', 5, 'old')))).toEqual(before);
    expect(await apply(store, MAILBOX, facts(message('a', 4, 'new')))).toEqual(before);
  });

  test('the revision is a clock in ms, and grows also where the clock stands still or goes back', async () => {
    const { store, clock } = await open();
    const first = await recount(store, MAILBOX);
    expect(first).toMatchObject({ revision: clock.now(), asOf: clock.now() });
    const second = await apply(store, MAILBOX, facts(message('a', 1)));
    expect(second.revision).toBe(first.revision + 1);
    clock.jumpWall(-3_600_000);
    const third = await apply(store, MAILBOX, facts(message('b', 1)));
    expect(third.revision).toBe(second.revision + 1);
    clock.jumpWall(7_200_000);
    const fourth = await apply(store, MAILBOX, facts(message('c', 1)));
    expect(fourth).toMatchObject({ revision: clock.now(), asOf: clock.now() });
  });

  test('the revision goes beyond what was published', async () => {
    const { store, clock } = await open();
    await recount(store, MAILBOX);
    await store.markPublished(MAILBOX, clock.now() + 5_000);
    expect((await apply(store, MAILBOX, facts(message('a', 1)))).revision).toBe(clock.now() + 5_001);
  });

  test('settings count by their own revision, and move the mailbox only where they say something else', async () => {
    const { store } = await open();
    const first = await recount(store, MAILBOX);
    const owned = settings({ revision: 2, users: ['agent-1'], displayName: 'Claims' });
    const second = await apply(store, MAILBOX, { entries: [], settings: owned });
    expect(second.settings).toEqual(owned);
    expect(second.revision).toBeGreaterThan(first.revision);
    const older = settings({ revision: 1, users: ['agent-2'] });
    expect(await apply(store, MAILBOX, { entries: [], settings: older })).toEqual(second);
    const again = await apply(store, MAILBOX, { entries: [], settings: { ...owned, revision: 3 } });
    expect(again.revision).toBe(second.revision);
    const locked = await apply(store, MAILBOX, { entries: [], settings: { ...owned, revision: 4, status: 'locked' } });
    expect(locked.revision).toBeGreaterThan(second.revision);
  });

  test('calls made at once on one mailbox are each atomic', async () => {
    const { store } = await open();
    await recount(store, MAILBOX);
    const ids = Array.from({ length: 50 }, (_, n) => `m${n}`);
    const snapshots = await Promise.all(ids.map((id) => apply(store, MAILBOX, facts(message(id, 1)))));
    expect(new Set(snapshots.map((snapshot) => snapshot.revision)).size).toBe(50);
    expect((await mustRead(store, MAILBOX)).counts.new).toBe(50);
  });

  test('mailboxes of one number in two tenants, or numbers that begin alike, are strangers', async () => {
    const { store } = await open();
    const others = [
      { tenant: 't101', mailbox: MAILBOX.mailbox },
      { tenant: MAILBOX.tenant, mailbox: `${MAILBOX.mailbox}0` },
    ];
    for (const ref of [MAILBOX, ...others]) await recount(store, ref);
    await apply(store, MAILBOX, facts(message('a', 1)));
    for (const ref of others) expect((await mustRead(store, ref)).counts.new).toBe(0);
  });

  test('what was counted is there after a restart', async () => {
    const { store, reopen } = await open();
    await recount(store, MAILBOX, { entries: [message('a', 1)], settings: settings({ users: ['agent-1'] }) });
    await store.markPublished(MAILBOX, 7);
    const before = await mustRead(store, MAILBOX);
    const again = await reopen();
    expect(await mustRead(again, MAILBOX)).toEqual(before);
    expect(await apply(again, MAILBOX, facts(message('a', 1)))).toEqual(before);
  });
}
