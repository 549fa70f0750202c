import { expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount, settings, type MwiStoreUnderTest } from './under-test.ts';

const mailbox = (number: string) => ({ tenant: 't100', mailbox: number });

/** Lists: by user, by tenant, by what is left to do; and the end of what is gone. */
export function findingContract(open: () => Promise<MwiStoreUnderTest>): void {
  test('finds the mailboxes of a user in order of their numbers, owned and shared', async () => {
    const { store } = await open();
    const group = settings({ kind: 'group', users: ['agent-1', 'agent-2'] });
    await recount(store, mailbox('100'), { entries: [], settings: group });
    await recount(store, mailbox('99'), { entries: [], settings: settings({ users: ['agent-1'] }) });
    await recount(store, mailbox('7'), { entries: [], settings: settings({ users: ['agent-3'] }) });
    const numbers = async (user: string) => (await store.mailboxesOfUser('t100', user)).map((found) => found.mailbox);
    expect(await numbers('agent-1')).toEqual(['99', '100']);
    expect(await numbers('agent-2')).toEqual(['100']);
    expect(await numbers('nobody')).toEqual([]);
    expect(await store.mailboxesOfUser('t101', 'agent-1')).toEqual([]);
  });

  test('users who lose a mailbox no longer find it', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, { entries: [], settings: settings({ kind: 'group', users: ['a', 'b'] }) });
    await apply(store, MAILBOX, { entries: [], settings: settings({ revision: 2, kind: 'group', users: ['b', 'c'] }) });
    expect(await store.mailboxesOfUser('t100', 'a')).toEqual([]);
    expect(await store.mailboxesOfUser('t100', 'b')).toHaveLength(1);
    expect(await store.mailboxesOfUser('t100', 'c')).toEqual([await mustRead(store, MAILBOX)]);
  });

  test('a user named twice, or as a property of every object, is a user like others', async () => {
    const { store } = await open();
    await recount(store, MAILBOX, { entries: [], settings: settings({ users: ['__proto__', 'a', 'a'] }) });
    expect(await store.mailboxesOfUser('t100', 'a')).toHaveLength(1);
    expect(await store.mailboxesOfUser('t100', '__proto__')).toHaveLength(1);
  });

  test("lists a tenant's mailboxes page by page in order of their numbers", async () => {
    const { store } = await open();
    for (const number of ['20', '3', '100', '9', '11']) await recount(store, mailbox(number));
    await recount(store, { tenant: 't101', mailbox: '5' });
    await store.beginRecount(mailbox('4'));
    const pages: string[][] = [];
    for (let after: string | null = null, page = ['']; page.length > 0; after = page.at(-1) ?? null) {
      page = (await store.mailboxes('t100', { after, limit: 2 })).map((found) => found.mailbox);
      pages.push(page);
    }
    expect(pages).toEqual([['3', '9'], ['11', '20'], ['100'], []]);
  });

  test('what waits for a recount or for its publication is unsettled, until both are done', async () => {
    const { store } = await open();
    expect(await store.unsettled(10)).toEqual([]);
    const token = await store.beginRecount(MAILBOX);
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
    const merged = await store.mergeRecount(MAILBOX, token, facts());
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
    await store.markPublished(MAILBOX, merged!.snapshot.revision);
    expect(await store.unsettled(10)).toEqual([]);
    const changed = await apply(store, MAILBOX, facts(message('a', 1)));
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
    await store.markPublished(MAILBOX, changed.revision);
    await store.invalidate('t100');
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
  });

  test('of what is unsettled, that whose recount was begun last waits longest', async () => {
    const { store, clock } = await open();
    for (const number of ['1', '2', '3']) {
      await clock.advance(1_000);
      await store.beginRecount(mailbox(number));
    }
    expect(await store.unsettled(2)).toEqual([mailbox('1'), mailbox('2')]);
    await clock.advance(1_000);
    await store.beginRecount(mailbox('1'));
    expect(await store.unsettled(2)).toEqual([mailbox('2'), mailbox('3')]);
  });

  test('the published revision never goes back', async () => {
    const { store } = await open();
    await recount(store, MAILBOX);
    expect(await store.markPublished(MAILBOX, 20)).toBe(20);
    expect(await store.markPublished(MAILBOX, 10)).toBe(20);
    expect((await mustRead(store, MAILBOX)).publishedRevision).toBe(20);
  });

  test('forgets what went long ago, and only that', async () => {
    const { store, clock } = await open();
    await recount(store, MAILBOX, facts(message('kept', 1)));
    await apply(store, MAILBOX, facts(message('early', 2, 'gone')));
    await clock.advance(10_000);
    const before = await apply(store, MAILBOX, facts(message('late', 2, 'gone')));
    expect(await store.purgeGone(clock.now() - 10_000)).toBe(0);
    expect(await store.purgeGone(clock.now() - 9_999)).toBe(1);
    expect(await mustRead(store, MAILBOX)).toEqual(before);
    const late = await apply(store, MAILBOX, facts(message('late', 1)));
    expect(late.counts.new).toBe(1);
    const early = await apply(store, MAILBOX, facts(message('early', 1)));
    expect(early.counts.new).toBe(2);
  });

  test('says that it can work, and after its end that it cannot', async () => {
    const { store } = await open();
    await store.check();
    await store.close();
    await store.close();
    await expect(store.check()).rejects.toMatchObject({ code: 'closed', retryable: false });
    await expect(store.read(MAILBOX)).rejects.toMatchObject({ code: 'closed' });
    await expect(store.apply(MAILBOX, facts())).rejects.toMatchObject({ code: 'closed' });
  });
}
