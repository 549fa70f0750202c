import { manualClock, systemIds } from '@voicemail/runtime';
import { redisServer, whenAvailable, type RedisServer } from '@voicemail/testing';
import { beforeAll } from 'vitest';
import { mwiStoreContract } from '../contract-suite.ts';
import { NOON_MS, optionsOf } from './testing/redis-store.ts';
import { openRedisMwiStore } from './open.ts';

const redis = await redisServer();

whenAvailable(redis, 'the counts', (start) => {
  for (const cluster of [false, true]) {
    const name = cluster ? 'a Redis cluster' : 'Redis';
    let server: RedisServer;
    beforeAll(async () => {
      server = await start({ cluster });
    });
    mwiStoreContract(
      name,
      async () => {
        await server.command('FLUSHALL');
        const clock = manualClock(NOON_MS);
        const open = () => openRedisMwiStore({ ...optionsOf(server), clock, ids: systemIds() });
        const store = await open();
        let current = store;
        return {
          store,
          clock,
          reopen: async () => {
            await current.close();
            current = await open();
            return current;
          },
          wipe: async () => {
            await server.command('FLUSHALL');
            return current;
          },
          close: () => current.close(),
        };
      },
      { wipe: true },
    );
  }
});
