import { setTimeout as pause } from 'node:timers/promises';
import { around, type ObjectStore } from '@voicemail/object-store';

/** The same store, each call of which takes so much longer: as one across a network does. */
export function slowStore(store: ObjectStore, latencyMs: number): ObjectStore {
  return around(store, {
    call: async (_operation, _key, run) => {
      await pause(latencyMs);
      return run();
    },
    items: async function* (_operation, _prefix, run) {
      await pause(latencyMs);
      yield* run();
    },
  });
}
