import type { Clock } from '@voicemail/runtime';
import type { Leftover } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { isRefusal, kindOf } from './classify.ts';
import { replicasOf } from './settings/replication.ts';

/** Nobody sets up replication often, and a purge is asked for each object. */
const BELIEVED_MS = 600_000;

/** What stays elsewhere of so many versions that were erased here. */
export type Replicas = (erased: number) => Promise<readonly Leftover[]>;

/** Asks where the bucket is replicated to, once in ten minutes. */
export function replicas(bucket: Bucket, clock: Clock): Replicas {
  let known: { readonly places: readonly string[]; readonly untilMs: number } | null = null;
  return async (erased) => {
    if (erased === 0) return [];
    if (known === null || clock.monotonicMs() >= known.untilMs) {
      known = { places: await placesOf(bucket), untilMs: clock.monotonicMs() + BELIEVED_MS };
    }
    return known.places.map((place) => ({
      what: 'replica',
      count: erased,
      why: `it was replicated to ${place}, where it has to be erased too`,
      until: null,
    }));
  };
}

async function placesOf(bucket: Bucket): Promise<readonly string[]> {
  try {
    return await replicasOf(bucket);
  } catch (error) {
    if (isRefusal(error, 'ReplicationConfigurationNotFoundError')) return [];
    const kind = kindOf(error);
    // That it is not known is told by the settings, once, and not with every object.
    if (kind === 'permission-denied' || kind === 'unsupported') return [];
    throw error;
  }
}
