import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { manualClock, systemClock, type ManualClock } from '@voicemail/runtime';
import {
  azureServer,
  faultProxy,
  faults,
  waitFor,
  whenAvailable,
  type AzureServer,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { AzureBlobStore } from './options.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav' };
const TIMEOUT_MS = 30_000;

whenAvailable(shared(await azureServer()), 'a server of Azure Blob Storage that says nothing', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let clock: ManualClock;
  let store: AzureBlobStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    clock = manualClock(Date.now());
    store = await container.open({ clock }, proxy.url);
  });

  /** Moves the clock as soon as the fault has met a request. */
  const late = async (hits: () => number): Promise<void> => {
    await waitFor('the request is there', () => hits() > 0);
    await clock.advance(TIMEOUT_MS);
  };

  it('to a request is not waited for longer than told, and the request is ended', async () => {
    for (const [operation, call] of [
      ['put', () => store.put('h/a', Buffer.from('x'), WAV)],
      ['head', () => store.head('h/a')],
      ['list', () => Array.fromAsync(store.list('h/'))],
      ['check', () => store.check()],
    ] as const) {
      const ended = Promise.withResolvers<void>();
      const hang = proxy.inject({}, async ({ request }) => void request.socket.once('close', () => ended.resolve()));
      const answer = call().catch((error: unknown) => error);
      await late(() => hang.hits);
      expect(await answer).toMatchObject({ kind: 'timeout', operation, retryable: true });
      await ended.promise;
    }
    expect(await store.head('h/a')).toBeNull();
  });

  it('any more in the middle of a body is not waited for either', async () => {
    await store.put('h/body', Buffer.alloc(1_000_000), WAV);
    const hang = proxy.inject({ method: 'GET' }, faults.hangInResponse());
    const reader = await store.get('h/body');
    const reading = Array.fromAsync(reader?.body ?? []).catch((error: unknown) => error);
    await waitFor('the reader waits', () => hang.hits > 0);
    const answer = await waitFor(
      'the reader is told',
      async () => {
        await clock.advance(TIMEOUT_MS);
        return Promise.race([reading, Promise.resolve(null)]);
      },
      (seen) => seen !== null,
    );
    expect(answer).toMatchObject({ kind: 'timeout', operation: 'get', key: 'h/body' });
  });

  it('is no worse than a secret that cannot be read to its end', async () => {
    // A pipe that nobody writes to: whoever reads it waits.
    const connectionStringFile = `${await container.secret('connection-string', '')}.pipe`;
    execFileSync('mkfifo', [connectionStringFile]);
    const waiting = await container.open({ connectionStringFile, clock: systemClock(), requestTimeoutMs: 200 });
    try {
      await expect(waiting.head('h/a')).rejects.toMatchObject({ kind: 'timeout', operation: 'head' });
    } finally {
      await writeFile(connectionStringFile, '');
    }
  });

  it('is left at once when the store is closed, and asked nothing more', async () => {
    const hang = proxy.inject({}, faults.hang());
    const answer = store.head('h/a').catch((error: unknown) => error);
    await waitFor('the request is there', () => hang.hits > 0);
    await store.close();
    expect(await answer).toMatchObject({ kind: 'unavailable', operation: 'head' });
    await expect(store.head('h/a')).rejects.toMatchObject({ kind: 'unavailable' });
    expect(proxy.requests.count()).toBe(1);
  });
});
