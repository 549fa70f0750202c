import { describe, expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount, settings, type MwiStoreUnderTest } from './under-test.ts';

/** Unknown is never zero: what stands while a mailbox waits for a recount, and how a recount ends. */
export function recountingContract(open: () => Promise<MwiStoreUnderTest>, canBeWiped: boolean): void {
  test('a mailbox that nobody recounted takes no facts and reads as nothing at all', async () => {
    const { store } = await open();
    expect(await store.apply(MAILBOX, facts(message('a', 1)))).toBeNull();
    expect(await store.read(MAILBOX)).toBeNull();
    await store.beginRecount(MAILBOX);
    expect(await store.apply(MAILBOX, facts(message('a', 1)))).toBeNull();
    expect(await store.read(MAILBOX)).toBeNull();
    expect(await store.entries(MAILBOX)).toEqual([]);
  });

  test('a recount makes an empty mailbox known, with a revision to publish', async () => {
    const { store, clock } = await open();
    const merged = await store.mergeRecount(MAILBOX, await store.beginRecount(MAILBOX), facts());
    expect(merged?.drift).toBe(0);
    expect(merged?.snapshot).toMatchObject({ revision: clock.now(), publishedRevision: 0, stale: false });
    expect(merged?.snapshot.counts).toEqual({ new: 0, old: 0, urgentNew: 0, urgentOld: 0 });
  });

  test('invalidated, the last good counts stay readable as stale, and facts wait for the recount', async () => {
    const { store } = await open();
    const other = { tenant: 't101', mailbox: '1' };
    await recount(store, other);
    const before = await recount(store, MAILBOX, facts(message('a', 1), message('b', 1)));
    expect(await store.invalidate(MAILBOX.tenant)).toBe(1);
    expect(await mustRead(store, MAILBOX)).toEqual({ ...before, stale: true });
    expect(await store.apply(MAILBOX, facts(message('c', 1)))).toBeNull();
    expect(await mustRead(store, MAILBOX)).toEqual({ ...before, stale: true });
    expect((await mustRead(store, other)).stale).toBe(false);
  });

  test('a recount that finds what was known keeps the revision', async () => {
    const { store, clock } = await open();
    const before = await recount(store, MAILBOX, facts(message('a', 1)));
    await store.invalidate(MAILBOX.tenant);
    await clock.advance(5_000);
    expect(await recount(store, MAILBOX, facts(message('a', 1)))).toEqual(before);
  });

  test('a recount repairs the counts and says how many messages were counted otherwise', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('kept', 1), message('read', 1), message('lost', 1)));
    const listing = facts(
      message('kept', 1),
      message('read', 2, 'old'),
      message('lost', 2, 'gone'),
      message('more', 1),
    );
    const merged = await store.mergeRecount(MAILBOX, await store.beginRecount(MAILBOX), listing);
    expect(merged?.drift).toBe(3);
    expect(merged?.snapshot.counts).toEqual({ new: 2, old: 1, urgentNew: 0, urgentOld: 0 });
  });

  test('a recount that read a message before a fact was applied does not take it back', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 3, 'gone'), message('b', 2, 'old')));
    const after = await recount(store, MAILBOX, facts(message('a', 1), message('b', 1)));
    expect(after.counts).toEqual({ new: 0, old: 1, urgentNew: 0, urgentOld: 0 });
  });

  test('a message without even a stub is forgotten, and counts again when it comes again', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 4, 'old'), message('b', 1)));
    const merged = await store.mergeRecount(
      MAILBOX,
      await store.beginRecount(MAILBOX),
      facts(message('b', 1), message('a', 0, 'gone'), message('never-seen', 0, 'gone')),
    );
    expect(merged?.drift).toBe(1);
    expect(merged?.snapshot.counts).toEqual({ new: 1, old: 0, urgentNew: 0, urgentOld: 0 });
    expect((await apply(store, MAILBOX, facts(message('a', 1)))).counts.new).toBe(2);
  });

  test('entries are those that are not gone', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 1), message('b', 2, 'gone'), message('c', 3, 'old', true)));
    const entries = await store.entries(MAILBOX);
    expect(entries.toSorted((x, y) => (x.messageId < y.messageId ? -1 : 1))).toEqual([
      message('a', 1),
      message('c', 3, 'old', true),
    ]);
  });

  test('settings that the recount read are merged like those of facts', async () => {
    const { store } = await open();
    const newer = settings({ revision: 3, users: ['agent-3'] });
    await recount(store, MAILBOX, { entries: [], settings: newer });
    const after = await recount(store, MAILBOX, {
      entries: [],
      settings: settings({ revision: 2, users: ['agent-2'] }),
    });
    expect(after.settings).toEqual(newer);
  });

  test('a later recount takes the place of an earlier one, which changes nothing any more', async () => {
    const { store } = await open();
    const slept = await store.beginRecount(MAILBOX);
    const later = await store.beginRecount(MAILBOX);
    expect(later).not.toBe(slept);
    expect(await store.mergeRecount(MAILBOX, slept, facts(message('old-news', 1)))).toBeNull();
    expect(await store.read(MAILBOX)).toBeNull();
    const merged = await store.mergeRecount(MAILBOX, later, facts(message('a', 1)));
    expect(merged?.snapshot.counts.new).toBe(1);
    expect(await store.mergeRecount(MAILBOX, slept, facts(message('old-news', 1)))).toBeNull();
    expect(await store.mergeRecount(MAILBOX, later, facts(message('twice', 1)))).toBeNull();
    expect((await mustRead(store, MAILBOX)).counts.new).toBe(1);
  });

  test('an invalidation ends the recount that was under way', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 1)));
    const token = await store.beginRecount(MAILBOX);
    await store.invalidate(MAILBOX.tenant);
    expect(await store.mergeRecount(MAILBOX, token, facts())).toBeNull();
    expect((await mustRead(store, MAILBOX)).stale).toBe(true);
  });

  test('no word of a caller of the port passes for a token', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, facts(message('a', 1)));
    for (const guess of ['', 'known', 'ok', 'null']) {
      expect(await store.mergeRecount(MAILBOX, guess, facts(message('b', 1)))).toBeNull();
    }
    await store.invalidate(MAILBOX.tenant);
    for (const guess of ['', 'known', 'ok', 'null']) {
      expect(await store.mergeRecount(MAILBOX, guess, facts(message('b', 1)))).toBeNull();
    }
  });

  describe.runIf(canBeWiped)('after the loss of everything', () => {
    test('a mailbox is unknown, not empty', async () => {
      const { store, wipe } = await open();
      await recount(store, MAILBOX, facts(message('a', 1)));
      const wiped = await wipe!();
      expect(await wiped.read(MAILBOX)).toBeNull();
      expect(await wiped.apply(MAILBOX, facts(message('b', 1)))).toBeNull();
    });

    test('a recount that slept through it does not make its old reads the truth', async () => {
      const { store, wipe } = await open();
      const token = await store.beginRecount(MAILBOX);
      const wiped = await wipe!();
      expect(await wiped.mergeRecount(MAILBOX, token, facts(message('a', 1)))).toBeNull();
      expect(await wiped.read(MAILBOX)).toBeNull();
    });

    test('the revision still grows, by the clock, or by what is published while the mailbox is unknown', async () => {
      const { store, clock, wipe } = await open();
      const before = await recount(store, MAILBOX, facts(message('a', 1)));
      await clock.advance(1);
      const wiped = await wipe!();
      await wiped.markPublished(MAILBOX, before.revision + 10_000);
      const after = await recount(wiped, MAILBOX, facts(message('a', 1)));
      expect(after.revision).toBe(before.revision + 10_001);
    });
  });
}
