import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock, systemIds } from '@voicemail/runtime';
import { expect, it, onTestFinished } from 'vitest';
import { openAzureBlobStore } from './azure-blob-store.ts';
import type { AzureBlobStore } from './options.ts';

const AT_ONCE = 20;
/** What the server tells, see `closing-server.ts`. */
const [CLOSED, PORT] = [0, 1];

async function storeOn(port: number): Promise<AzureBlobStore> {
  const folder = await mkdtemp(join(tmpdir(), 'azure-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const accountKeyFile = join(folder, 'key');
  await writeFile(accountKeyFile, Buffer.alloc(64).toString('base64'));
  return openAzureBlobStore({
    container: 'voicemail',
    connectionStringFile: null,
    accountUrl: `http://127.0.0.1:${port}/devtest`,
    accountKeyFile,
    sasFile: null,
    clock: systemClock(),
    ids: systemIds(),
  });
}

it('a process that was busy uses none of the connections that the server closed meanwhile', async () => {
  const told = new Int32Array(new SharedArrayBuffer(8));
  const server = new Worker(new URL('./closing-server.ts', import.meta.url), { workerData: told });
  onTestFinished(() => server.terminate().then(() => undefined));
  await Atomics.waitAsync(told, PORT, 0).value;
  const store = await storeOn(Atomics.load(told, PORT));
  const burst = (): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => store.head('k')));
  await burst();
  // As any long piece of work does, waiting here keeps this thread from looking at its connections.
  for (let seen = 0; seen < AT_ONCE; seen = Atomics.load(told, CLOSED)) Atomics.wait(told, CLOSED, seen);
  await expect(burst()).resolves.toHaveLength(AT_ONCE);
});
