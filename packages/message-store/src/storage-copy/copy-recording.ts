import { createHash } from 'node:crypto';
import { ForAPerson } from '../for-a-person.ts';
import type { Metadata } from '@voicemail/domain';
import { StoreError, type ObjectReader, type ObjectStore, type Tags } from '@voicemail/object-store';
import { carriedMessageTags, haveSameTags } from '../carried-tags.ts';
import { answerOf, untilWon, won } from '../json-document.ts';
import { inspectStream } from '../media.ts';
import type { TenantStores } from '../tenant-stores.ts';

/** One object in one store. */
export interface Spot {
  readonly store: ObjectStore;
  readonly key: string;
}

/**
 * Copies a message's recording into another store, if it is not there yet. It is read back: when this resolves, what lies there has the
 * sha256 of the metadata and the tags.
 * @returns the etag of what was seen there.
 * @throws ForAPerson where the source is gone or damaged, or other bytes lie at the target.
 */
export async function copyRecording(
  stores: TenantStores,
  message: Metadata,
  source: Spot,
  target: Spot,
): Promise<string> {
  const { sha256 } = message.media;
  return untilWon<string>(target.key, async () => {
    const reader = await source.store.get(source.key);
    const tags = carriedMessageTags(stores, target.store, reader?.info.tags ?? {}, message);
    const put = reader === null ? null : await answerOf(putChecked(target, reader, sha256, tags));
    const arrived = await target.store.get(target.key);
    if (arrived === null) {
      // It went while it was looked at: as before it came.
      if (reader !== null) return undefined;
      throw new ForAPerson('the recording is not in its store');
    }
    const found = await inspectStream(async () => arrived.body, arrived.info.contentType, false);
    if (found.sha256 === sha256) {
      if (haveSameTags(arrived.info.tags, tags)) return arrived.info.etag;
      // Gone meanwhile where it cannot be tagged: then all begins again.
      return (await target.store.tag(target.key, tags, { order: 'touch-first' }))?.etag;
    }
    if (put === null) throw new ForAPerson('other bytes lie at its place in the target region');
    await won(target.store.delete(target.key, { etag: put.etag }));
    throw new StoreError('corrupt', 'put', target.key, 'what arrived is not what was sent');
  });
}

/** Puts what comes from a reader if there is nothing; nothing is there where it does not have the sha256. */
async function putChecked(target: Spot, { info, body }: ObjectReader, sha256: string, tags: Tags) {
  const chunks = body[Symbol.asyncIterator]();
  try {
    return await target.store.put(target.key, checked(chunks, sha256), {
      contentType: info.contentType,
      tags,
      condition: { absent: true },
    });
  } finally {
    // A put that is refused at once leaves the source open.
    await chunks.return?.();
  }
}

async function* checked(chunks: AsyncIterator<Uint8Array>, sha256: string): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    hash.update(next.value);
    yield next.value;
  }
  if (hash.digest('hex') !== sha256) throw new ForAPerson('the recording is damaged: it is not what was deposited');
}
