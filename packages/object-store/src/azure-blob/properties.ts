import type { StoreOperation } from '../layers/around.ts';
import type { ObjectInfo, Tags, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import { isUnsettled, tagsOfMetadata } from './index-tags.ts';

/** Of the options' `encryptionScope`, as the client wants it: absent rather than null. */
export interface Scope {
  readonly encryptionScope?: string;
}

/** What the service tells of a blob after each request that changed it. */
export interface Properties {
  readonly etag?: string;
}

/** What it tells of one that was asked for. */
export interface Described extends Properties {
  readonly lastModified?: Date;
  readonly contentType?: string;
  readonly metadata?: Record<string, string>;
}

/** @throws StoreError `unknown` for an answer without an etag, which the service always gives. */
export function writtenObject(
  operation: StoreOperation,
  key: string,
  { etag }: Properties,
  { size, contentType, tags }: { readonly size: number; readonly contentType: string; readonly tags: Tags },
): WrittenObject {
  if (etag === undefined) throw new StoreError('unknown', operation, key, 'the service’s answer has no etag');
  return { key, etag, size, contentType, tags };
}

/** @throws StoreError `unknown` for an answer without an etag or a time. */
export function objectInfo(operation: StoreOperation, key: string, answer: Described, size: number): ObjectInfo {
  const { contentType = 'application/octet-stream', metadata, lastModified } = answer;
  if (lastModified === undefined) throw new StoreError('unknown', operation, key, 'the service’s answer has no time');
  const object = writtenObject(operation, key, answer, { size, contentType, tags: tagsOfMetadata(metadata) });
  const info = { ...object, lastModified: lastModified.getTime() };
  return isUnsettled(metadata) ? { ...info, tagsUnsettled: true } : info;
}
