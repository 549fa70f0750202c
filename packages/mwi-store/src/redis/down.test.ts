import { redisServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, test } from 'vitest';
import { apply, facts, MAILBOX, message, mustRead, recount } from '../contract/under-test.ts';
import { isAvailable, openStore } from './testing/redis-store.ts';

const redis = await redisServer();

whenAvailable(redis, 'a Redis that is down', (start) => {
  for (const cluster of [false, true]) {
    const what = cluster ? 'a cluster' : 'a server';
    test(`${what} that is gone fails calls as unavailable, and serves again when it is back, empty`, async () => {
      const server = await start({ cluster });
      const store = await openStore(server);
      await recount(store, MAILBOX, facts(message('a', 1)));
      await server.kill();
      const sinceMs = performance.now();
      await expect(store.read(MAILBOX)).rejects.toMatchObject({ code: 'unavailable', retryable: true });
      await expect(store.apply(MAILBOX, facts())).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
      await expect(store.unsettled(1)).rejects.toMatchObject({ code: 'unavailable' });
      expect(performance.now() - sinceMs).toBeLessThan(20_000);
      await server.restart();
      await waitFor('it serves again', () => isAvailable(store));
      expect(await store.read(MAILBOX)).toBeNull();
      expect(await store.unsettled(10)).toEqual([]);
      expect((await recount(store, MAILBOX, facts(message('a', 1)))).counts.new).toBe(1);
    });
  }

  test('calls that go on while it is killed and restarted are done or fail, and what was done is there, stale', async () => {
    const server = await start({ appendOnly: true });
    const store = await openStore(server);
    await recount(store, MAILBOX);
    const done: string[] = [];
    const codes = new Set<string>();
    const over = new AbortController();
    const work = async (name: string): Promise<void> => {
      for (let at = 0; !over.signal.aborted; at += 1) {
        const id = `${name}-${at}`;
        await store.apply(MAILBOX, facts(message(id, 1))).then(
          (lamp) => lamp !== null && done.push(id),
          (error: { code: string }) => codes.add(error.code),
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const workers = ['a', 'b', 'c'].map(work);
    await waitFor('some are done', () => done.length > 50);
    await server.kill();
    await waitFor('some have failed', () => codes.size > 0);
    await server.restart();
    await waitFor('it serves again', () => isAvailable(store));
    over.abort();
    await Promise.all(workers);
    expect([...codes]).toEqual(['unavailable']);
    // It wrote down each change at once, so it has all. It cannot know that, and waits for a recount.
    const ids = new Set((await store.entries(MAILBOX)).map(({ messageId }) => messageId));
    expect(done.filter((id) => !ids.has(id))).toEqual([]);
    const lamp = await mustRead(store, MAILBOX);
    expect(lamp).toMatchObject({ counts: { new: ids.size }, stale: true });
    expect(await store.unsettled(10)).toEqual([MAILBOX]);
  });

  test('one that is silent fails calls within their time, and serves when it speaks again', async () => {
    const server = await start();
    const store = await openStore(server, { requestTimeoutMs: 1_000 });
    await recount(store, MAILBOX);
    await server.command('CLIENT', 'PAUSE', '6000', 'ALL');
    const sinceMs = performance.now();
    await expect(store.read(MAILBOX)).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - sinceMs).toBeLessThan(4_000);
    await waitFor('it serves again', () => isAvailable(store));
    expect((await apply(store, MAILBOX, facts(message('a', 1)))).counts.new).toBe(1);
  });

  test('one that is not there yet is found when it comes', async () => {
    const server = await start();
    await server.kill();
    const store = await openStore(server);
    await expect(store.check()).rejects.toMatchObject({ code: 'unavailable' });
    await server.restart();
    await waitFor('it serves', () => isAvailable(store));
  });
});
