import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BlobServiceClient } from '@azure/storage-blob';
import type { BareStore } from './bare-store.ts';

/** A container by the bare SDK, as its defaults are. Tags are said twice, as the store says them: a blob's index tags are not told to who reads it. */
export function bareAzure(connectionString: string, container: string): BareStore {
  const client = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(container);
  return {
    put: ({ key, body, contentType, tags }) =>
      client.getBlockBlobClient(key).upload(Buffer.from(body.buffer, body.byteOffset, body.length), body.length, {
        tags: { ...tags },
        metadata: { tags: Buffer.from(JSON.stringify(tags)).toString('base64url') },
        conditions: { ifNoneMatch: '*' },
        transactionalContentMD5: createHash('md5').update(body).digest(),
        blobHTTPHeaders: { blobContentType: contentType },
      }),
    get: async (key) => {
      const { readableStreamBody: body } = await client.getBlockBlobClient(key).download();
      if (!(body instanceof Readable)) throw new Error(`${key} has no bytes`);
      return body;
    },
    close: () => undefined,
  };
}
