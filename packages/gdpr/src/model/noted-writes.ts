import { withFaults } from '@voicemail/object-store';
import type { ObjectStore } from '@voicemail/object-store';

/** What an object is in the model, by its key. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/\/gdpr\/ledger\//, 'ledger'],
  [/\/gdpr\/numbers\//, 'numbers'],
  [/\/index\/caller_id\//, 'index'],
  [/\/index\/forgetme\//, 'mark'],
  [/\/metadata\.json$/, 'meta'],
  [/\/media\./, 'media'],
];
const WRITES: ReadonlySet<string> = new Set(['put', 'tag', 'delete', 'copy']);

/** The same store, each write noted in its order; the lease is no part of the protocol. */
export const noted = (store: ObjectStore, note: (write: string) => void): ObjectStore =>
  withFaults(store, ({ moment, operation, key }) => {
    const kind = KINDS.find(([pattern]) => pattern.test(key ?? ''))?.[1];
    if (moment === 'after' && kind !== undefined && WRITES.has(operation)) note(`${operation} ${kind}`);
  });
