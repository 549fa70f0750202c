import { withFaults, type ObjectStore } from '@voicemail/object-store';

/** A process in a test that dies at one of its writes: from then on nothing succeeds. */
export interface Mortal {
  readonly layer: (store: ObjectStore) => ObjectStore;
  /** The write that it died at; null while it lives. */
  readonly diedAt: () => string | null;
}

const WRITES: ReadonlySet<string> = new Set(['put', 'copy', 'delete', 'tag', 'purge']);

/** @param step at which of its steps, before or after a write, counted over all its stores from 1; null: never. */
export function mortalAt(step: number | null): Mortal {
  let steps = 0;
  let diedAt: string | null = null;
  const layer = (store: ObjectStore): ObjectStore =>
    withFaults(store, ({ moment, operation, key }) => {
      if (diedAt !== null) throw new Error('the process died');
      if (!WRITES.has(operation)) return;
      steps += 1;
      if (steps !== step) return;
      diedAt = `${moment} ${operation} ${key}`;
      throw new Error('the process died');
    });
  return { layer, diedAt: () => diedAt };
}
