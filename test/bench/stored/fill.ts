import { isStub } from '@voicemail/domain';
import { readRecord, searchCaller } from '@voicemail/message-store';
import { callerOf, mailboxOf, MAILBOXES } from '../load/deposits.ts';
import { CALLER_HASH_KEY, REGION, regionRoot, TENANT, type Parts } from './parts.ts';
import { placeInThreads } from './place-in-threads.ts';
import { placedMessageId } from './place-messages.ts';

/** Looked at afterwards by the store's own code. */
const SAMPLES = 20;

/**
 * Fills a deployment with messages that are stored and counted, in seconds where real deposits would take an hour.
 * @throws Error when a message that was placed is not one that a deposit would have made.
 */
export async function fill(parts: Parts, count: number, audio: Uint8Array): Promise<void> {
  const served = parts.tenants.byId(TENANT);
  if (served === undefined) throw new Error('the deployment does not serve its tenant');
  // Makes the store, which is what the messages are placed into.
  await served.stores.master.store.check();
  await placeInThreads({
    root: regionRoot(parts.folder),
    as: 'versions',
    tenant: TENANT,
    region: REGION,
    callerHashKey: CALLER_HASH_KEY,
    from: 0,
    to: count,
    ofOneCaller: null,
    audio,
    at: parts.clock.now(),
  });
  await countAll(parts, count);
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const index = Math.floor((sample * count) / SAMPLES);
    const stored = await readRecord(served.stores, mailboxOf(index), placedMessageId(index));
    const found = await Array.fromAsync(searchCaller(served.stores, callerOf(index)));
    if (stored === null || isStub(stored.value) || !found.some(({ id }) => id === placedMessageId(index))) {
      throw new Error(`message ${index} was placed, and the store does not find it`);
    }
  }
}

/** Gives the counts what a recount would find. */
async function countAll({ mwi }: Parts, count: number): Promise<void> {
  for (let first = 0; first < Math.min(MAILBOXES, count); first += 1) {
    const ref = { tenant: TENANT, mailbox: mailboxOf(first) };
    const entries = [];
    for (let index = first; index < count; index += MAILBOXES) {
      entries.push({ messageId: placedMessageId(index), revision: 1, state: 'new' as const, urgent: false });
    }
    const token = await mwi.beginRecount(ref);
    await mwi.mergeRecount(ref, token, { entries });
  }
}
