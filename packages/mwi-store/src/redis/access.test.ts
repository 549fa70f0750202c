import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import { redisServer, tempFolder, waitFor, whenAvailable, type RedisServer } from '@voicemail/testing';
import { beforeAll, expect, test } from 'vitest';
import { facts, MAILBOX, message, recount } from '../contract/under-test.ts';
import { openRedisMwiStore } from './open.ts';
import { isAvailable, openStore } from './testing/redis-store.ts';

const redis = await redisServer();

whenAvailable(redis, 'who may use Redis', (start) => {
  let server: RedisServer;
  /** The url with another user. */
  const urlOf = (user: string): [string] => [server.url.replace('//', `//${user}@`)];
  beforeAll(async () => {
    server = await start();
    const rights = ['~mwi:*', '-@all', '+@connection', '+@read', '+@write', '+@scripting', '+info', '+time'];
    await server.command('ACL', 'SETUSER', 'mwi', 'on', '>first secret', ...rights);
    await server.command(
      'ACL',
      'SETUSER',
      'reader',
      'on',
      '>secret',
      '~mwi:*',
      '-@all',
      '+@connection',
      '+@read',
      '+info',
    );
  });

  test('a user with the keys of the counts alone, its password in the url', async () => {
    const store = await openStore(server, { urls: urlOf('mwi:first%20secret') });
    await store.check();
    const { revision } = await recount(store, MAILBOX, facts(message('a', 1)));
    await store.markPublished(MAILBOX, revision);
    expect(await store.unsettled(10)).toEqual([]);
    expect(await store.mailboxes('t100', { after: null, limit: 10 })).toHaveLength(1);
    expect(await store.purgeGone(0)).toBe(0);
  });

  test('a wrong password is refused at once, and stands in no error', async () => {
    const opening = openRedisMwiStore({ urls: urlOf('mwi:wrong-secret'), clock: systemClock(), ids: systemIds() });
    const error = await opening.then(
      () => null,
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toMatchObject({ name: 'MwiError', code: 'refused', retryable: false });
    const { message: told, stack, cause } = error!;
    const everything = [told, stack, JSON.stringify(cause), JSON.stringify(Object.getOwnPropertyDescriptors(cause))];
    expect(everything.join('\n')).not.toContain('wrong-secret');
  });

  test('a user without the rights is refused, call by call', async () => {
    const store = await openStore(server, { urls: urlOf('reader:secret') });
    await expect(store.check()).rejects.toMatchObject({ code: 'refused' });
    await expect(store.apply(MAILBOX, facts())).rejects.toMatchObject({ code: 'refused' });
  });

  test('a password that is changed, in Redis and in its file, is taken up at the next connection', async () => {
    const passwordFile = join(await tempFolder(), 'password');
    await writeFile(passwordFile, 'first secret\n');
    const store = await openStore(server, { urls: urlOf('mwi'), passwordFile });
    await store.check();
    await server.command('ACL', 'SETUSER', 'mwi', 'resetpass', '>second secret');
    await server.command('CLIENT', 'KILL', 'USER', 'mwi');
    await waitFor(
      'it is refused',
      () =>
        store.check().then(
          () => '',
          ({ code }: { code: string }) => code,
        ),
      (code) => code === 'refused',
    );
    await writeFile(passwordFile, 'second secret\n');
    expect(await waitFor('it is let in', () => isAvailable(store))).toBe(true);
  });

  test('options that cannot be meant are refused', async () => {
    for (const url of ['http://127.0.0.1', 'redis://', 'redis://:secret@127.0.0.1/name', 'secret']) {
      const opening = openRedisMwiStore({ urls: [url], clock: systemClock(), ids: systemIds() });
      await expect(opening).rejects.toMatchObject({ code: 'refused', message: expect.not.stringContaining('secret') });
    }
  });
});
