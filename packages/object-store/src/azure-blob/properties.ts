import type { StoreOperation } from '../layers/around.ts';
import type { ObjectInfo, Tags } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { tagsOfMetadata } from './index-tags.ts';

/** Of the options' `encryptionScope`, as the client wants it: absent rather than null. */
export interface Scope {
  readonly encryptionScope?: string;
}

/** What the service tells of a blob after each request that read or changed it. */
export interface Properties {
  readonly etag?: string;
  readonly lastModified?: Date;
}

/** What it tells of one that was asked for. */
export interface Described extends Properties {
  readonly contentType?: string;
  readonly metadata?: Record<string, string>;
}

/** @throws StoreError `unknown` for an answer without an etag or a time, which the service always gives. */
export function infoOf(
  operation: StoreOperation,
  key: string,
  { etag, lastModified }: Properties,
  { size, contentType, tags }: { readonly size: number; readonly contentType: string; readonly tags: Tags },
): ObjectInfo {
  if (etag === undefined || lastModified === undefined) {
    throw new StoreError('unknown', operation, key, 'the service’s answer has no etag or no time');
  }
  return { key, etag, size, contentType, tags, lastModified: lastModified.getTime() };
}

export function describedInfo(operation: StoreOperation, key: string, answer: Described, size: number): ObjectInfo {
  const { contentType = 'application/octet-stream', metadata } = answer;
  return infoOf(operation, key, answer, { size, contentType, tags: tagsOfMetadata(metadata) });
}
