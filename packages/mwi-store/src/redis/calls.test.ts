import { redisServer, whenAvailable, type RedisServer } from '@voicemail/testing';
import { expect, test } from 'vitest';
import { facts, message, mustRead, recount } from '../contract/under-test.ts';
import { openStore } from './testing/redis-store.ts';

const redis = await redisServer();
const MANY = 100;
const ref = (mailbox: number) => ({ tenant: 't100', mailbox: String(mailbox) });

whenAvailable(redis, 'what facts cost on Redis', (start) => {
  test('those of one mailbox that come together cost as many calls as one', async () => {
    const server = await start();
    const store = await openStore(server);
    await recount(store, ref(1));
    // Once more before: the first call of a script brings its text.
    await store.apply(ref(1), facts(message('first', 1)));
    const one = await scriptsRunIn(server, () => store.apply(ref(1), facts(message('m0', 1))));
    const many = Array.from({ length: MANY }, (_, index) => message(`m${index + 1}`, 1));
    const together = await scriptsRunIn(server, () => store.apply(ref(1), facts(...many)));
    expect(together).toBe(one);
    expect((await mustRead(store, ref(1))).counts.new).toBe(MANY + 2);
  });

  test('those of many mailboxes go over one connection without waiting for each other', async () => {
    const server = await start();
    const store = await openStore(server);
    for (let mailbox = 0; mailbox < MANY; mailbox += 1) await recount(store, ref(mailbox));
    const readEvents = async (): Promise<number> =>
      Number(/total_reads_processed:(\d+)/.exec(String(await server.command('INFO', 'stats')))?.[1]);
    const before = await readEvents();
    await Promise.all(Array.from({ length: MANY }, (_, mailbox) => store.apply(ref(mailbox), facts(message('m', 1)))));
    // One read of the socket takes many calls.
    expect((await readEvents()) - before).toBeLessThan(MANY / 2);
  });
});

/** Scripts that the server ran meanwhile: every call that changes counts is one. */
async function scriptsRunIn(server: RedisServer, work: () => Promise<unknown>): Promise<number> {
  await server.command('CONFIG', 'RESETSTAT');
  await work();
  const stats = String(await server.command('INFO', 'commandstats'));
  const scripts = stats.matchAll(/^cmdstat_eval\w*:calls=(\d+)/gm);
  return scripts.reduce((sum, [, count]) => sum + Number(count), 0);
}
