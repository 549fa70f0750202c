import { listMessages, readRecord, type TenantStores } from '@voicemail/message-store';
import type { GdprWorld, Worker } from './gdpr-world.ts';

const MESSAGES = ['m1', 'm2', 'm3', 'other'];
const REQUESTS = ['f1', 'u1', 'e1'];

/**
 * What stands in the stores, in the ledger and on the log, without the moments at which it came to be so: where two ways end in the same place,
 * this is equal. Of messages and requests it knows those that the tests name.
 */
export async function endOf(world: GdprWorld, worker: Worker): Promise<unknown> {
  const { stores } = world.world;
  const requests = await Promise.all(REQUESTS.map((id) => worker.request(id)));
  const facts = ['forget-marked', 'forget-unmarked', 'deleted'].map(async (change) =>
    [...(await world.facts(change))].toSorted(),
  );
  return {
    records: await Promise.all(MESSAGES.map((id) => recordOf(stores, id))),
    objects: await objectsOf(stores),
    requests: requests.map(
      (one) =>
        one && {
          phase: one.phase,
          callers: one.callers,
          steps: one.steps.map(({ step, region, changed }) => ({ step, region, changed })),
          intents: one.intents,
          hasNumbers: one.hasNumbers,
        },
    ),
    facts: await Promise.all(facts),
    messages: (await Array.fromAsync(listMessages(stores, '9876'))).length,
  };
}

async function recordOf(stores: TenantStores, messageId: string): Promise<unknown> {
  const record = (await readRecord(stores, '9876', messageId))?.value ?? {};
  const moments = new Set(['modifiedAt', 'forgetMarkedAt', 'goneAt', 'depositedAt', 'time']);
  return Object.fromEntries(Object.entries(record).filter(([name]) => !moments.has(name)));
}

/** Every object but the ledger's and the lease, with its tags. */
export async function objectsOf(stores: TenantStores): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, store } of stores.regions) {
    for await (const { key } of store.list('t100/')) {
      if (key.startsWith('t100/gdpr/ledger/') || key === 't100/gdpr/lease') continue;
      found.push(`${name} ${key} ${JSON.stringify((await store.head(key))?.tags)}`);
    }
  }
  return found.toSorted();
}
