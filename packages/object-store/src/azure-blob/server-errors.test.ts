import { manualClock } from '@voicemail/runtime';
import {
  azureServer,
  faultProxy,
  faults,
  whenAvailable,
  type AzureServer,
  type Fault,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withRetry } from '../layers/retry.ts';
import type { ObjectStore } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav' };
const POLICY = { maxAttempts: 4, baseMs: 100, maxMs: 1_000 };
const ALL = { times: 1_000 };

whenAvailable(shared(await azureServer()), 'an answer of 500, 503 or 429 from Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
  });

  /** The pauses of a store that is tried again, in ms; each is the longest that jitter allows, and over at once. */
  const retrying = (): { readonly retried: ObjectStore; readonly pauses: number[] } => {
    const pauses: number[] = [];
    const clock = { ...manualClock(0), sleep: async (ms: number) => void pauses.push(ms) };
    return { pauses, retried: withRetry(store, POLICY, { clock, ids: { random: () => 1 } }) };
  };

  const operations: Readonly<Record<string, (one: ObjectStore) => Promise<unknown>>> = {
    put: (one) => one.put('k', Buffer.from('x'), WAV),
    get: (one) => one.get('k'),
    head: (one) => one.head('k'),
    delete: (one) => one.delete('k'),
    copy: (one) => one.copy('k', 'l'),
    list: (one) => Array.fromAsync(one.list('')),
    folders: (one) => Array.fromAsync(one.folders('')),
    tag: (one) => one.tag('k', { a: 'b' }, { order: 'touch-first' }),
    find: (one) => Array.fromAsync(one.find('', { name: 'a', value: 'b' })),
    purge: (one) => one.purge('k'),
    settings: (one) => one.settings(),
    check: (one) => one.check(),
  };

  it.each(Object.keys(operations))('is what a %s fails with, at once, by the adapter itself', async (operation) => {
    await (await container.open()).put('k', Buffer.from('x'), WAV);
    proxy.inject(ALL, faults.azure.serverBusy());
    const busy = { name: 'StoreError', kind: 'busy', operation, retryable: true };
    await expect(operations[operation]?.(store)).rejects.toMatchObject(busy);
    expect(proxy.requests.count()).toBe(1);
  });

  it.each<[string, Fault, string]>([
    ['500 InternalError', faults.azure.internalError(), 'unavailable'],
    ['500 OperationTimedOut', faults.azure.operationTimedOut(), 'busy'],
    ['503 ServerBusy', faults.azure.serverBusy(), 'busy'],
    ['503 of a gateway', faults.answer(503, { 'content-type': 'text/html' }, '<h1>no</h1>'), 'busy'],
    ['502 of a gateway', faults.answer(502), 'unavailable'],
  ])('is told apart: %s', async (_, fault, kind) => {
    proxy.inject(ALL, fault);
    await expect(store.put('k', Buffer.from('x'), WAV)).rejects.toMatchObject({ kind });
    // Of a HEAD the status and a header are all there is.
    await expect(store.head('k')).rejects.toMatchObject({ kind });
    await expect(Array.fromAsync(store.list(''))).rejects.toMatchObject({ kind });
  });

  it('passes, for whoever tries again, with nothing written twice or by half', async () => {
    const { retried, pauses } = retrying();
    proxy.inject({ method: 'PUT', times: 3 }, faults.azure.internalError());
    const put = await retried.put('r/a', Buffer.from('x'), { ...WAV, condition: { absent: true } });
    expect(await store.head('r/a')).toMatchObject(put);
    expect(pauses).toEqual([100, 200, 400]);
    proxy.inject({ method: 'GET', times: 2 }, faults.azure.serverBusy());
    expect((await Array.fromAsync(retried.list('r/'))).map(({ key }) => key)).toEqual(['r/a']);
  });

  it('is waited for as long as a 429 says, within the limit', async () => {
    const { retried, pauses } = retrying();
    proxy.inject({}, faults.azure.tooManyRequests(1));
    await retried.put('r/b', Buffer.from('x'), WAV);
    proxy.inject({}, faults.azure.tooManyRequests(3_600));
    await retried.head('r/b');
    expect(pauses).toEqual([1_000, POLICY.maxMs]);
    proxy.inject(ALL, faults.azure.tooManyRequests(7));
    await expect(store.head('r/b')).rejects.toMatchObject({ kind: 'busy', retryAfterMs: 7_000 });
  });

  it('ends a put in pieces, which leaves nothing, and is begun again by whoever has the body', async () => {
    proxy.inject({ path: 'comp=blocklist' }, faults.azure.serverBusy());
    const { retried } = retrying();
    const put = await retried.put('r/large', Buffer.alloc(9 * 1024 * 1024, 'voice'), {
      ...WAV,
      condition: { absent: true },
    });
    expect(put.size).toBe(9 * 1024 * 1024);
    expect(proxy.requests.count({ path: 'comp=blocklist' })).toBe(2);
    expect(await store.head('r/large')).toMatchObject(put);
  });

  describe('an account that stays so', () => {
    it('is given up after a bounded number of attempts', async () => {
      const { retried } = retrying();
      proxy.inject(ALL, faults.azure.internalError());
      await expect(retried.head('k')).rejects.toMatchObject({ kind: 'unavailable' });
      expect(proxy.requests.count()).toBe(POLICY.maxAttempts);
    });
  });
});
