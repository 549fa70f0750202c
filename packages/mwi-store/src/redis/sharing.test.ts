import { redisServer, whenAvailable } from '@voicemail/testing';
import { expect, test } from 'vitest';
import { facts, MAILBOX, message, mustRead, recount, settings } from '../contract/under-test.ts';
import { openStore } from './testing/redis-store.ts';

const redis = await redisServer();

whenAvailable(redis, 'two processes on one Redis', (start) => {
  test('race on one mailbox: each fact counts once, and no revision comes twice', async () => {
    const server = await start();
    const stores = [await openStore(server), await openStore(server)];
    await recount(stores[0]!, MAILBOX);
    const ids = Array.from({ length: 200 }, (_, at) => `m${at}`);
    const revisions: number[] = [];
    const work = stores.map(async (store) => {
      let last = 0;
      for (const id of ids) {
        const lamp = await store.apply(MAILBOX, facts(message(id, 1)));
        expect(lamp!.revision).toBeGreaterThanOrEqual(last);
        last = lamp!.revision;
        revisions.push(last);
      }
    });
    await Promise.all(work);
    expect((await mustRead(stores[1]!, MAILBOX)).counts.new).toBe(ids.length);
    // A fact that the other one has counted moves nothing.
    expect(new Set(revisions).size).toBeLessThanOrEqual(ids.length);
  });

  test('a recount of one ends that of the other', async () => {
    const server = await start();
    const [one, other] = [await openStore(server), await openStore(server)];
    const slept = await one.beginRecount(MAILBOX);
    await recount(other, MAILBOX, facts(message('a', 2, 'old')));
    expect(await one.mergeRecount(MAILBOX, slept, facts(message('a', 1)))).toBeNull();
    expect((await mustRead(one, MAILBOX)).counts).toMatchObject({ new: 0, old: 1 });
  });

  test('one that read a user as gone does not take away what the other adds', async () => {
    const server = await start({ cluster: true });
    const [one, other] = [await openStore(server), await openStore(server)];
    await recount(one, MAILBOX, { entries: [], settings: settings({ users: ['a'] }) });
    for (let revision = 2; revision <= 60; revision += 1) {
      const users = revision % 2 === 0 ? [] : ['a'];
      const reading = other.mailboxesOfUser('t100', 'a');
      await one.apply(MAILBOX, { entries: [], settings: settings({ revision, users }) });
      await reading;
      expect(await one.mailboxesOfUser('t100', 'a')).toHaveLength(users.length);
    }
  });
});
