import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  NoSuchKey,
  NotFound,
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Access } from '../bare/s3-objects.ts';
import type { BareCalls } from './bare-calls.ts';

/** A bucket by the bare SDK, as its defaults are. */
export function bareS3Calls({ endpoint, region, accessKey, secretKey }: S3Access, bucket: string): BareCalls {
  const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  const at = (key: string): { Bucket: string; Key: string } => ({ Bucket: bucket, Key: key });
  const tagged = (tags: Readonly<Record<string, string>>): object =>
    Object.keys(tags).length === 0
      ? {}
      : { Tagging: String(new URLSearchParams(tags)), Metadata: { 'voicemail-tags': line(tags) } };
  const head = async (key: string): Promise<string | null> => {
    const answer = await orNull(client.send(new HeadObjectCommand(at(key))));
    return answer?.ETag ?? null;
  };
  const purge = (key: string): Promise<unknown> =>
    client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
  return {
    list: async function* (prefix) {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
        for (const { Key } of Contents) if (Key !== undefined) yield Key;
      }
    },
    get: async (key) => {
      const answer = await orNull(client.send(new GetObjectCommand(at(key))));
      await answer?.Body?.transformToByteArray();
      return answer?.ETag ?? null;
    },
    head,
    put: (key, body, etag, tags) =>
      client.send(
        new PutObjectCommand({
          ...at(key),
          Body: body,
          ContentType: 'application/json',
          ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
          ...tagged(tags),
        }),
      ),
    // S3 moves no object's time without writing it anew: from itself, and only as it was seen.
    tag: async (key, tags) => {
      const etag = (await head(key)) ?? undefined;
      const begun = await client.send(new CreateMultipartUploadCommand({ ...at(key), ...tagged(tags) }));
      const part = { ...at(key), UploadId: begun.UploadId, PartNumber: 1 };
      const from = { CopySource: encodeURI(`${bucket}/${key}`), CopySourceIfMatch: etag };
      const { CopyPartResult } = await client.send(new UploadPartCopyCommand({ ...part, ...from }));
      const parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
      const upload = { UploadId: begun.UploadId, MultipartUpload: { Parts: parts } };
      return client.send(new CompleteMultipartUploadCommand({ ...at(key), ...upload, IfMatch: etag }));
    },
    erase: async (key) => {
      await client.send(new DeleteObjectCommand(at(key)));
      await purge(key);
    },
    purge,
    close: () => client.destroy(),
  };
}

const line = (tags: Readonly<Record<string, string>>): string =>
  Object.entries(tags)
    .map((pair) => pair.join(':'))
    .join('&');

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NoSuchKey || error instanceof NotFound) return null;
    throw error;
  }
}
