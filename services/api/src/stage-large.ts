import { createHash } from 'node:crypto';
import { depositRecord, type IncomingEvent } from '@voicemail/contracts';
import type { NewRecord } from '@voicemail/event-log';
import { stageMedia, type TenantStores } from '@voicemail/message-store';
import type { Ids } from '@voicemail/runtime';
import { MAX_RECORD_MEDIA_BYTES } from './limits.ts';

/**
 * Puts media that is too large for a record into its region's store, and names it in the record instead. Anything else is
 * left as it is. What is staged and never appended is swept.
 * @throws StoreError where the region's store does not take it.
 */
export async function stageLarge(
  stores: TenantStores,
  event: IncomingEvent,
  record: NewRecord,
  ids: Ids,
): Promise<NewRecord> {
  if (event.kind !== 'deposit' || !('bytes' in event.data.media)) return record;
  const { contentType, bytes } = event.data.media;
  if (bytes.length <= MAX_RECORD_MEDIA_BYTES) return record;
  const stagedKey = await stageMedia(stores, event.data.region, ids.uuid(), { contentType, body: bytes });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { kind: _kind, data, ...context } = event;
  return depositRecord({ ...data, media: { contentType, stagedKey, sha256 } }, context);
}
