import type { Logger, Metrics } from '@voicemail/runtime';
import type { NotErased } from './erase.ts';

/**
 * Counts and logs what a store keeps although it was to be erased: old versions, snapshots, soft-deleted objects. Whose it was stands in
 * neither.
 */
export function reportNotErased(
  { logger, metrics }: { readonly logger: Logger; readonly metrics: Metrics },
  tenant: string | null,
  left: readonly NotErased[],
): void {
  const counter = metrics.counter({
    name: 'voicemail_storage_not_erased_total',
    help: 'What stores kept although it was to be erased, by what it is. Alert on any growth, or set the stores up to keep nothing.',
    labels: ['region', 'what'],
  });
  for (const { region, of, what, count, why, until } of left) {
    counter.inc({ region, what }, count);
    const expires = until === null ? null : new Date(until).toISOString();
    logger.warn({ tenant, region, of, what, count, why, until: expires }, 'a store keeps what was to be erased');
  }
}
