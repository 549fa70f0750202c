import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { ListedObject } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { StoreFault } from '../store-fault.ts';
import { wholeSeconds } from './object-info.ts';

/** One request for each thousand. */
export async function* listObjects(bucket: Bucket, prefix: string, after?: string): AsyncGenerator<ListedObject> {
  for await (const page of pages(bucket, prefix, { after })) {
    for (const { Key, Size, LastModified } of page.Contents ?? []) {
      if (Key === undefined || Size === undefined || LastModified === undefined) {
        throw new StoreFault('unknown', 'the listing lacks the key, the size or the time of an object');
      }
      const key = textIn(page, Key).slice(bucket.prefix.length);
      // Consoles make a folder by an object of its name with a slash: no key of ours.
      if (key !== '' && !key.endsWith('/')) yield { key, size: Size, lastModified: wholeSeconds(LastModified) };
    }
  }
}

/** One request for each thousand, however much is in the folders. */
export async function* listFolders(bucket: Bucket, prefix: string, after?: string): AsyncGenerator<string> {
  const last = after === undefined ? undefined : `${prefix}${after}/`;
  for await (const page of pages(bucket, prefix, { after: last, delimiter: '/' })) {
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      const folder = textIn(page, Prefix).slice(bucket.prefix.length);
      const name = folder.slice(prefix.length, -1);
      // What is in the folder comes after its name, so a server may give the folder that was named once more.
      if (name !== '' && folder !== last) yield name;
    }
  }
}

async function* pages(
  bucket: Bucket,
  prefix: string,
  { after, delimiter }: { readonly after?: string | undefined; readonly delimiter?: '/' },
): AsyncGenerator<ListObjectsV2CommandOutput> {
  const input = {
    Bucket: bucket.name,
    Prefix: bucket.prefix + prefix,
    // XML cannot carry every character of a key.
    EncodingType: 'url',
    ...(delimiter === undefined ? {} : { Delimiter: delimiter }),
    ...(after === undefined ? {} : { StartAfter: bucket.prefix + after }),
  } as const;
  let token: string | undefined;
  do {
    const rest = token === undefined ? {} : { ContinuationToken: token };
    const page = await bucket.ask((s3, options) => s3.listObjectsV2({ ...input, ...rest }, options));
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** A key as a listing has it: encoded where the server says so, which not every one that was asked to does. */
export function textIn({ EncodingType }: { readonly EncodingType?: string | undefined }, text: string): string {
  return EncodingType === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}
