import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { systemClock, systemIds } from '@voicemail/runtime';
import { openS3Store } from './open.ts';
import type { S3Store, S3StoreOptions } from './options.ts';

/** An S3 server for tests. */
export interface TestServer {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
}

/** A bucket of its own on a test's server, and a folder for the secrets that lead to it. */
export interface ServerBucket {
  readonly name: string;
  /** The bare client, to look at what is there and to do what others might do. */
  readonly client: S3;
  /** Writes a secret file. Gives its path. */
  readonly secret: (name: string, text: string) => Promise<string>;
  /** A store in the bucket; `endpoint` is where a proxy stands before the server. */
  readonly open: (options?: Partial<S3StoreOptions>) => Promise<S3Store>;
  readonly dispose: () => Promise<void>;
}

/** What a credentials file holds. */
export const profileOf = ({ accessKey, secretKey }: Pick<TestServer, 'accessKey' | 'secretKey'>): string =>
  `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`;

export async function bucketOn(
  server: TestServer,
  { versioning = false }: { readonly versioning?: boolean } = {},
): Promise<ServerBucket> {
  const { endpoint, region, accessKey: accessKeyId, secretKey: secretAccessKey } = server;
  const name = `b-${randomUUID()}`;
  const client = new S3({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
  await client.createBucket({ Bucket: name });
  if (versioning) {
    await client.putBucketVersioning({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } });
  }
  const folder = await mkdtemp(join(tmpdir(), 's3-secrets-'));
  const opened: S3Store[] = [];
  const secret = async (file: string, text: string): Promise<string> => {
    const path = join(folder, file);
    await writeFile(path, text);
    return path;
  };
  return {
    name,
    client,
    secret,
    open: async (options = {}) => {
      const store = await openS3Store({
        bucket: name,
        prefix: '',
        region,
        endpoint,
        forcePathStyle: true,
        credentialsFile: await secret(`credentials-${opened.length}`, profileOf(server)),
        clock: systemClock(),
        ids: systemIds(),
        ...options,
      });
      opened.push(store);
      return store;
    },
    dispose: async () => {
      await Promise.all(opened.map((store) => store.close()));
      client.destroy();
      await rm(folder, { recursive: true });
    },
  };
}
