import { around, observed, type ObjectStore } from '@voicemail/object-store';
import type { Clock, Logger, Metrics } from '@voicemail/runtime';

const BUCKETS_SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10];

/** Counts and times every call of a region's store; at the level `trace` each one that was done is a line. */
export function observedStore(
  store: ObjectStore,
  region: string,
  { clock, logger, metrics }: { readonly clock: Clock; readonly logger: Logger; readonly metrics: Metrics },
): ObjectStore {
  const calls = metrics.counter({
    name: 'voicemail_storage_calls_total',
    help: 'Calls of the object stores by what became of them.',
    labels: ['region', 'operation', 'outcome'],
  });
  const seconds = metrics.histogram({
    name: 'voicemail_storage_seconds',
    help: 'How long calls of the object stores took.',
    labels: ['region', 'operation'],
    buckets: BUCKETS_SECONDS,
  });
  const counted = observed(
    store,
    (operation, ms, error) => {
      calls.inc({ region, operation, outcome: error === null ? 'done' : error.kind });
      seconds.observe({ region, operation }, ms / 1_000);
    },
    clock,
  );
  return logger.isLevelEnabled('trace') ? tracedStore(counted, region, logger) : counted;
}

function tracedStore(store: ObjectStore, region: string, logger: Logger): ObjectStore {
  return around(store, {
    call: async (operation, key, run) => {
      const answer = await run();
      logger.trace({ step: `${operation}${key === null ? '' : ` ${kindOf(key)}`} in ${region}` }, 'done');
      return answer;
    },
    items: (_operation, _prefix, run) => run(),
  });
}

/** What sort of object a key is of, without the names in it. */
function kindOf(key: string): string {
  if (key.includes('/index/')) return 'index entry';
  if (key.startsWith('staging/')) return 'staged media';
  return key.slice(key.lastIndexOf('/') + 1);
}
