import { around, type ObjectStore } from '@voicemail/object-store';
import type { SeenRegion } from './remembered.ts';

/** What tenants store: messages and settings, dead letters, index entries, staged media. Marks, check values and probes are none of it. */
const OF_TENANTS = /^(?:staging\/|[^/]+\/(?:mailboxes|dead-letters|index)\/)/;

/** A store that notes, before something of a tenant is put there, that its region is used. */
export function notedUse(store: ObjectStore, seen: Pick<SeenRegion, 'noteUse'>): ObjectStore {
  return around(store, {
    call: async (operation, key, run) => {
      const isStored = (operation === 'put' || operation === 'copy') && OF_TENANTS.test(key ?? '');
      if (isStored) await seen.noteUse();
      return run();
    },
    items: (_operation, _prefix, run) => run(),
  });
}
