import { createHash, type Hash } from 'node:crypto';
import { depositRecord, type IncomingEvent } from '@voicemail/contracts';
import type { NewRecord } from '@voicemail/event-log';
import { stageMedia, type TenantStores } from '@voicemail/message-store';
import type { Ids } from '@voicemail/runtime';
import { MAX_RECORD_MEDIA_BYTES } from './limits.ts';

/**
 * Puts media that is too large for a record into its region's store, and names it in the record instead. Anything else is
 * left as it is. What is staged and never appended is swept.
 * @param chunks the recording while it arrives, where the event and the record hold only its beginning; null where they hold it.
 * @throws StoreError where the region's store does not take it, and what `chunks` throws.
 */
export async function stageLarge(
  stores: TenantStores,
  event: IncomingEvent,
  record: NewRecord,
  chunks: AsyncIterable<Uint8Array> | null,
  ids: Ids,
): Promise<NewRecord> {
  if (event.kind !== 'deposit' || !('bytes' in event.data.media)) return record;
  const { contentType, bytes } = event.data.media;
  if (chunks === null && bytes.length <= MAX_RECORD_MEDIA_BYTES) return record;
  const hash = createHash('sha256');
  const body = hashed(chunks ?? [bytes], hash);
  const stagedKey = await stageMedia(stores, event.data.region, ids.uuid(), { contentType, body });
  const { kind: _kind, data, ...context } = event;
  return depositRecord({ ...data, media: { contentType, stagedKey, sha256: hash.digest('hex') } }, context);
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}
