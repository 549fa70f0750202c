import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectStore } from '../port.ts';

const ATTEMPTS = 100;
const PAUSE_MS = 50;

/** The keys found, in order, as soon as there are as many as expected: an index of tags may lag. */
export async function waitUntilFound(
  store: ObjectStore,
  prefix: string,
  tag: { readonly name: string; readonly value: string },
  count: number,
): Promise<readonly string[]> {
  let found: readonly string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    found = (await Array.fromAsync(store.find(prefix, tag))).toSorted();
    if (found.length === count) return found;
    await pause(PAUSE_MS);
  }
  return found;
}
