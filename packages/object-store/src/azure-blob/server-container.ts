import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { systemClock, systemIds } from '@voicemail/runtime';
import { openAzureBlobStore } from './azure-blob-store.ts';
import type { AzureBlobStore, AzureBlobStoreOptions } from './options.ts';

/** An account on a server for tests. */
export interface TestAccount {
  readonly url: string;
  readonly connectionString: string;
}

/** A container of its own on a test's server, and a folder for the secrets that lead to it. */
export interface ServerContainer {
  readonly name: string;
  /** The bare client, to look at what is there and to do what others might do. */
  readonly client: ContainerClient;
  /** Writes a secret file. Gives its path. */
  readonly secret: (name: string, text: string) => Promise<string>;
  /** A store in the container, with a connection string unless told; `url` is where a proxy stands before the server. */
  readonly open: (options?: Partial<AzureBlobStoreOptions>, url?: string) => Promise<AzureBlobStore>;
  readonly dispose: () => Promise<void>;
}

export async function containerOf(account: TestAccount): Promise<ServerContainer> {
  const name = `c-${randomUUID()}`;
  const client = BlobServiceClient.fromConnectionString(account.connectionString).getContainerClient(name);
  await client.create();
  const folder = await mkdtemp(join(tmpdir(), 'azure-secrets-'));
  const opened: AzureBlobStore[] = [];
  const secret = async (file: string, text: string): Promise<string> => {
    const path = join(folder, file);
    await writeFile(path, text);
    return path;
  };
  return {
    name,
    client,
    secret,
    open: async (options = {}, url = account.url) => {
      const text = account.connectionString.replace(account.url, url);
      const store = await openAzureBlobStore({
        container: name,
        connectionStringFile: await secret(`connection-string-${opened.length}`, text),
        accountUrl: null,
        accountKeyFile: null,
        sasFile: null,
        clock: systemClock(),
        ids: systemIds(),
        ...options,
      });
      opened.push(store);
      return store;
    },
    dispose: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await rm(folder, { recursive: true });
    },
  };
}
