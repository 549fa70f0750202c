import { redisServer, waitFor, whenAvailable, type RedisServer } from '@voicemail/testing';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount, settings } from '../contract/under-test.ts';
import { indexKey, mailboxKeys, UNSETTLED_KEY } from './keys.ts';
import { openStore } from './testing/redis-store.ts';

const redis = await redisServer();

/** What the stores would list of the mailbox. */
const LISTING = facts(message('a', 1), message('b', 2, 'old'));

whenAvailable(redis, 'what Redis loses', (start) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => void (await server.command('FLUSHALL')));

  const [counts, state, entries] = mailboxKeys(MAILBOX);
  const losses: readonly (readonly [string, readonly string[]])[] = [
    ['the counts', [counts]],
    ['what the projector remembers', [state]],
    ['the entries', [entries]],
    ['the counts and the entries', [counts, entries]],
    ['what the projector remembers and the entries', [state, entries]],
  ];
  for (const [what, keys] of losses) {
    test(`without ${what} a mailbox has its last good counts, stale, until it is recounted`, async () => {
      const store = await openStore(server);
      await recount(store, MAILBOX, LISTING);
      const before = await mustRead(store, MAILBOX);
      await store.markPublished(MAILBOX, before.revision);
      expect(await store.unsettled(10)).toEqual([]);

      await server.command('DEL', ...keys);
      expect(await mustRead(store, MAILBOX)).toMatchObject({ counts: before.counts, stale: true });
      expect(await store.unsettled(10)).toEqual([MAILBOX]);
      expect(await store.apply(MAILBOX, facts(message('c', 1)))).toBeNull();
      expect(await mustRead(store, MAILBOX)).toMatchObject({ counts: before.counts, stale: true });

      const after = await recount(store, MAILBOX, LISTING);
      expect(after).toMatchObject({ counts: before.counts, stale: false });
      // The topic's last record may be of a state that Redis knows nothing of any more, so there is one after it.
      expect(after.revision).toBeGreaterThan(before.revision);
      expect(await apply(store, MAILBOX, facts(message('c', 1)))).toMatchObject({ counts: { new: 2, old: 1 } });
    });
  }

  test('an emptied Redis knows nothing, in the middle of calls too, and never says zero', async () => {
    const store = await openStore(server);
    await recount(store, MAILBOX);
    let seen = 0;
    for (let revision = 1; revision <= 300; revision += 1) {
      const applying = store.apply(MAILBOX, facts(message(`m${revision}`, 1)));
      const reading = store.read(MAILBOX);
      if (revision === 150) await server.command('FLUSHALL');
      const [applied, read] = await Promise.all([applying, reading]);
      if (read !== null) expect(read.counts.new).toBeGreaterThanOrEqual(seen);
      if (applied !== null) seen = applied.counts.new;
    }
    expect(seen).toBeGreaterThanOrEqual(149);
    expect(seen).toBeLessThan(300);
    expect(await store.read(MAILBOX)).toBeNull();
    const listing = Array.from({ length: 300 }, (_, at) => message(`m${at + 1}`, 1));
    expect((await recount(store, MAILBOX, facts(...listing))).counts.new).toBe(300);
  });

  test('a recount that was begun before the entries were lost still ends in the right counts', async () => {
    const store = await openStore(server);
    await recount(store, MAILBOX, LISTING);
    const token = await store.beginRecount(MAILBOX);
    await server.command('DEL', entries, counts);
    const merged = await store.mergeRecount(MAILBOX, token, LISTING);
    expect(merged?.snapshot).toMatchObject({ counts: { new: 1, old: 1 }, stale: false });
    expect((await store.entries(MAILBOX)).length).toBe(2);
  });

  test('indexes that are lost are made anew from the mailboxes', async () => {
    const store = await openStore(server);
    const mine = settings({ users: ['agent-1'] });
    await recount(store, MAILBOX, { entries: [], settings: mine });
    await recount(store, { tenant: 't101', mailbox: '7' });
    await server.command('DEL', indexKey('t100'), indexKey('t101'), UNSETTLED_KEY);
    expect(await store.mailboxesOfUser('t100', 'agent-1')).toHaveLength(1);
    expect(await store.mailboxes('t100', { after: null, limit: 10 })).toHaveLength(1);
    expect(await store.unsettled(10)).toHaveLength(2);
    await server.command('DEL', indexKey('t100'));
    expect(await store.invalidate('t100')).toBe(1);
  });

  test('an index that holds too much is put right by whoever reads it', async () => {
    const store = await openStore(server);
    const { revision } = await recount(store, MAILBOX, { entries: [], settings: settings({ users: ['a'] }) });
    await store.markPublished(MAILBOX, revision);
    // As crashes leave it: before the settings were applied, and before a change.
    await server.command('ZADD', indexKey('t100'), '0', 'u"b" 9876 1', '0', 'u"b" 9876 0', '0', 'm041234');
    await server.command('ZADD', UNSETTLED_KEY, '5', 't100/9876');
    expect(await store.mailboxesOfUser('t100', 'b')).toEqual([]);
    expect(await server.command('ZSCORE', indexKey('t100'), 'u"b" 9876 1')).toBeNull();
    expect(await server.command('ZSCORE', indexKey('t100'), 'u"b" 9876 0')).toBeNull();
    expect(await store.unsettled(10)).toEqual([]);
    expect(await server.command('ZSCORE', UNSETTLED_KEY, 't100/9876')).toBeNull();
    // Nothing is known of that one: it may have been evicted, and is recounted.
    expect(await store.mailboxes('t100', { after: null, limit: 10 })).toHaveLength(1);
    expect(await store.unsettled(10)).toEqual([{ tenant: 't100', mailbox: '1234' }]);
  });

  test('a mailbox that is found settled stays in the index where it changes meanwhile', async () => {
    const [one, other] = [await openStore(server), await openStore(server)];
    await recount(one, MAILBOX);
    const over = new AbortController();
    const looking = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) await other.unsettled(10);
    });
    for (let round = 1; round <= 300; round += 1) {
      const { revision } = await mustRead(one, MAILBOX);
      await one.markPublished(MAILBOX, revision);
      await apply(one, MAILBOX, facts(message(`m${round}`, 1)));
      expect(await one.unsettled(10)).toEqual([MAILBOX]);
    }
    over.abort();
    await Promise.all(looking);
  });

  test('nothing is under a key that is not documented, and no caller is anywhere', async () => {
    const store = await openStore(server);
    await recount(store, MAILBOX, { entries: [message('a', 1)], settings: settings({ users: ['agent-1'] }) });
    await apply(store, MAILBOX, facts(message('b', 1)));
    await store.markPublished(MAILBOX, 1);
    await store.unsettled(10);
    await store.mailboxesOfUser('t100', 'agent-1');
    await store.purgeGone(0);
    await store.check();
    const keys = (await server.command('KEYS', '*')) as string[];
    expect(keys.toSorted()).toEqual(
      ['mwi:check', 'mwi:unsettled', 'mwi:{t100}:index', ...mailboxKeys(MAILBOX)].toSorted(),
    );
    const shown = (await server.command('HGETALL', counts)) as string[];
    expect(shown.filter((_, at) => at % 2 === 0).toSorted()).toEqual(
      ['asOf', 'new', 'old', 'revision', 'urgentNew', 'urgentOld'].toSorted(),
    );
  });
});

whenAvailable(redis, 'a Redis that evicts', (start) => {
  test('says of each mailbox what is right, or that it does not know', async () => {
    const server = await start({ maxMemory: { bytes: 3_000_000, policy: 'allkeys-random' } });
    const store = await openStore(server);
    const refs = Array.from({ length: 3_000 }, (_, at) => ({ tenant: 't100', mailbox: String(at + 1) }));
    const expected = { new: 2, old: 1, urgentNew: 0, urgentOld: 0 };
    const listing = { ...LISTING, entries: [...LISTING.entries, message('c', 1)] };
    const fill = async (from: number): Promise<void> => {
      const some = refs.slice(from, from + 100);
      // Its token may be evicted before it ends.
      await Promise.all(some.map(async (ref) => store.mergeRecount(ref, await store.beginRecount(ref), listing)));
    };
    for (let from = 0; from < refs.length; from += 100) await fill(from);
    const evicted = /evicted_keys:(\d+)/.exec(String(await server.command('INFO', 'stats')))?.[1];
    expect(Number(evicted)).toBeGreaterThan(0);
    let unknown = 0;
    for (const ref of refs) {
      const lamp = await store.read(ref);
      if (lamp === null || lamp.stale) unknown += 1;
      if (lamp !== null) expect(lamp.counts).toEqual(expected);
      if (lamp?.stale !== false) expect(await store.apply(ref, facts(message('d', 1)))).toBeNull();
    }
    expect(unknown).toBeGreaterThan(0);
    expect(unknown).toBeLessThan(refs.length);
  });

  test('one without room that may not evict refuses changes as full, still reads, and goes on when there is room', async () => {
    const server = await start();
    const store = await openStore(server);
    await recount(store, MAILBOX, LISTING);
    await server.command('CONFIG', 'SET', 'maxmemory', '1');
    await expect(store.apply(MAILBOX, facts(message('c', 1)))).rejects.toMatchObject({ code: 'full', retryable: true });
    await expect(store.check()).rejects.toMatchObject({ code: 'full' });
    expect(await mustRead(store, MAILBOX)).toMatchObject({ counts: { new: 1, old: 1 }, stale: false });
    await server.command('CONFIG', 'SET', 'maxmemory', '0');
    await waitFor('there is room', () => store.check().then(() => true));
    expect((await apply(store, MAILBOX, facts(message('c', 1)))).counts.new).toBe(2);
  });
});
