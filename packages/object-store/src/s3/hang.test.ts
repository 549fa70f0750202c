import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { systemClock } from '@voicemail/runtime';
import { afterTest, faultProxy, faults, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { withTimeout } from '../layers/timeout.ts';
import type { S3StoreOptions } from './options.ts';
import { bucketOn } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
const LAYER = { clock: systemClock() };

whenAvailable(await s3Server(), 'a store on S3 that does not answer', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  /** A store behind a proxy, and the same bucket without it. */
  const open = async (options: Partial<S3StoreOptions>) => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const proxy = await faultProxy(server.endpoint);
    const store = await bucket.open({ endpoint: proxy.url, ...options });
    return { proxy, store, direct: await bucket.open() };
  };

  it('is given up after a while, whatever was asked', async () => {
    const { proxy, store } = await open({ requestTimeoutMs: 1_500 });
    const hung = proxy.inject({ times: 99 }, faults.hang());
    const timeout = { kind: 'timeout', retryable: true };
    await expect(store.put('a', Buffer.from('x'), TEXT)).rejects.toMatchObject({ ...timeout, operation: 'put' });
    await expect(store.get('a')).rejects.toMatchObject({ ...timeout, operation: 'get' });
    await expect(store.head('a')).rejects.toMatchObject({ ...timeout, operation: 'head' });
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject({ ...timeout, operation: 'list' });
    await expect(store.check()).rejects.toMatchObject({ ...timeout, operation: 'check' });
    expect(hung.hits).toBe(5);
  });

  it('is given up too where it is the secret that cannot be read to its end', async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    // A pipe that nobody writes to: whoever reads it waits.
    const credentialsFile = `${await bucket.secret('credentials', '')}.pipe`;
    execFileSync('mkfifo', [credentialsFile]);
    const store = await bucket.open({ credentialsFile, requestTimeoutMs: 1_500 });
    try {
      await expect(store.head('a')).rejects.toMatchObject({ kind: 'timeout', operation: 'head' });
    } finally {
      await writeFile(credentialsFile, '');
    }
  });

  it('in the middle of a listing is given up too', async () => {
    const { proxy, store, direct } = await open({ requestTimeoutMs: 1_500 });
    await direct.put('a/b', Buffer.from('x'), TEXT);
    proxy.inject({ path: 'list-type' }, faults.hangInResponse());
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('in the middle of an object is for the layer to give up, and its connection is closed then', async () => {
    const { proxy, store, direct } = await open({ requestTimeoutMs: 60_000 });
    await direct.put('a', Buffer.alloc(300_000, 7), TEXT);
    const closed = Promise.withResolvers<void>();
    proxy.inject({ method: 'GET' }, (exchange) => {
      exchange.request.socket.once('close', () => closed.resolve());
      return faults.hangInResponse()(exchange);
    });
    const reader = await withTimeout(store, 2_000, LAYER.clock).get('a');
    await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({ kind: 'timeout' });
    await closed.promise;
  });
});
