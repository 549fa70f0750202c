import { redisServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount, settings } from '../contract/under-test.ts';
import { isAvailable, openStore } from './testing/redis-store.ts';

const redis = await redisServer();
const LIMITS = { limitMs: 20_000 };

whenAvailable(redis, 'a failover', (start) => {
  test('that loses the last writes leaves the counts before them, stale, and a recount puts them right', async () => {
    const server = await start({ replica: true });
    const store = await openStore(server);
    const early = await recount(store, MAILBOX, facts(message('a', 1)));
    await store.markPublished(MAILBOX, early.revision);
    const replicated = String(early.revision);
    await waitFor(
      'the replica has it',
      () => server.replica!.command('HGET', 'mwi:{t100/9876}', 'revision'),
      (revision) => revision === replicated,
    );

    await server.replica!.cut();
    const lost = await apply(store, MAILBOX, facts(message('b', 1), message('c', 1)));
    await store.markPublished(MAILBOX, lost.revision);
    await server.replica!.promote();
    await waitFor('the store has found the new server', () => isAvailable(store), Boolean, LIMITS);

    expect(await mustRead(store, MAILBOX)).toMatchObject({ counts: early.counts, stale: true });
    expect(await store.apply(MAILBOX, facts(message('d', 1)))).toBeNull();
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
    const listing = facts(message('a', 1), message('b', 1), message('c', 1), message('d', 1));
    const after = await recount(store, MAILBOX, listing);
    expect(after).toMatchObject({ counts: { new: 4 }, stale: false });
    expect(after.revision).toBeGreaterThan(lost.revision);
  });

  test('that loses what was published leads to another publication, even of the same counts', async () => {
    const server = await start({ replica: true });
    const store = await openStore(server);
    const early = await recount(store, MAILBOX, facts(message('a', 1)));
    await store.markPublished(MAILBOX, early.revision);
    await waitFor('the replica has it', () => server.replica!.command('HGET', 'mwi:{t100/9876}:state', 'published'));
    await server.replica!.cut();
    const lost = await apply(store, MAILBOX, facts(message('b', 1)));
    await store.markPublished(MAILBOX, lost.revision);
    await server.replica!.promote();
    await waitFor('the store has found the new server', () => isAvailable(store), Boolean, LIMITS);
    // Gone meanwhile, so the counts are those that the replica had.
    const after = await recount(store, MAILBOX, facts(message('a', 1), message('b', 2, 'gone')));
    expect(after.counts).toEqual(early.counts);
    expect(after.revision).toBeGreaterThan(lost.revision);
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
  });

  test('ends the recounts that were under way', async () => {
    const server = await start({ replica: true });
    const store = await openStore(server);
    const token = await store.beginRecount(MAILBOX);
    await waitFor('the replica has it', () => server.replica!.command('HGET', 'mwi:{t100/9876}:state', 'generation'));
    await server.replica!.cut();
    await server.replica!.promote();
    await waitFor('the store has found the new server', () => isAvailable(store), Boolean, LIMITS);
    expect(await store.mergeRecount(MAILBOX, token, facts(message('a', 1)))).toBeNull();
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
  });

  test('by Sentinel itself is followed without a hand, and indexes with it', async () => {
    const server = await start({ replica: true });
    const store = await openStore(server);
    const owned = { entries: [message('a', 1)], settings: settings({ users: ['agent-1'] }) };
    await recount(store, MAILBOX, owned);
    await waitFor('the replica has it', () => server.replica!.command('HGET', 'mwi:{t100/9876}', 'revision'));
    await server.kill();
    await waitFor('the store has found the new server', () => isAvailable(store), Boolean, LIMITS);
    expect(await mustRead(store, MAILBOX)).toMatchObject({ counts: { new: 1 }, stale: true });
    expect(await store.mailboxesOfUser('t100', 'agent-1')).toHaveLength(1);
    expect((await recount(store, MAILBOX, owned)).stale).toBe(false);
  });

  test('in a cluster: a node that comes back empty makes its mailboxes unknown, and no others', async () => {
    const server = await start({ cluster: true });
    const store = await openStore(server);
    const refs = Array.from({ length: 30 }, (_, at) => ({ tenant: 't100', mailbox: String(at + 1) }));
    for (const ref of refs) {
      const { revision } = await recount(store, ref, facts(message('a', 1)));
      await store.markPublished(ref, revision);
    }
    expect(await store.unsettled(100)).toEqual([]);
    await server.nodes[1]!.restart();
    await waitFor('the cluster serves again', () => isAvailable(store), Boolean, LIMITS);
    const lamps = await waitFor('all are read', () => Promise.all(refs.map((ref) => store.read(ref))), Boolean, LIMITS);
    const isLost = lamps.map((lamp) => lamp === null);
    expect(new Set(isLost).size).toBe(2);
    for (const lamp of lamps) if (lamp !== null) expect(lamp).toMatchObject({ counts: { new: 1 }, stale: false });
  });
});
