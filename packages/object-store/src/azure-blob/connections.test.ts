import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import { closingServer } from '@voicemail/testing';
import { expect, it, onTestFinished } from 'vitest';
import { openAzureBlobStore } from './azure-blob-store.ts';
import type { AzureBlobStore } from './options.ts';

const AT_ONCE = 20;

async function storeOn(url: string): Promise<AzureBlobStore> {
  const folder = await mkdtemp(join(tmpdir(), 'azure-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const accountKeyFile = join(folder, 'key');
  await writeFile(accountKeyFile, Buffer.alloc(64).toString('base64'));
  return openAzureBlobStore({
    container: 'voicemail',
    connectionStringFile: null,
    accountUrl: `${url}/devtest`,
    accountKeyFile,
    sasFile: null,
    clock: systemClock(),
    ids: systemIds(),
  });
}

it('a process that was busy uses none of the connections that the server closed meanwhile', async () => {
  const server = await closingServer();
  const store = await storeOn(server.url);
  const burst = (): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => store.head('k')));
  await burst();
  // Waiting here keeps this thread from looking at its connections.
  server.untilClosed();
  await expect(burst()).resolves.toHaveLength(AT_ONCE);
});
