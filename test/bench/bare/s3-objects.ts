import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BareStore } from './bare-store.ts';

export interface S3Access {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

/** A bucket by the bare SDK, as its defaults are. Tags are said twice, as the store says them: S3 tells whoever reads an object its metadata alone. */
export function bareS3({ endpoint, region, accessKey, secretKey }: S3Access, bucket: string): BareStore {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  });
  return {
    put: ({ key, body, contentType, tags }) =>
      client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          IfNoneMatch: '*',
          ...(Object.keys(tags).length === 0
            ? {}
            : { Tagging: String(new URLSearchParams(tags)), Metadata: { 'voicemail-tags': line(tags) } }),
        }),
      ),
    get: async (key) => {
      const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (!(body instanceof Readable)) throw new Error(`${key} has no bytes`);
      return body;
    },
    close: () => client.destroy(),
  };
}

const line = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map((pair) => pair.join(':'))
    .join('&');
