import { afterAll, beforeAll } from 'vitest';
import type { ListedObject, ObjectReader, ObjectStore } from '../port.ts';
import { StoreError, type StoreErrorKind } from '../store-error.ts';

/** A store to try, on the real thing. */
export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Another store on the same data, as another process would open it; absent where that means nothing. */
  readonly reopen?: () => Promise<ObjectStore>;
  /** Takes away what was made for the test. */
  readonly dispose?: () => Promise<void>;
}

export interface Harness {
  readonly store: () => ObjectStore;
  readonly reopen: () => Promise<ObjectStore>;
  /** A prefix that no other test uses, ending in `/`. */
  readonly prefix: () => string;
}

/** One store for all tests of a suite, since making one may cost a container; each test has a prefix of its own. */
export function harness(make: () => Promise<StoreUnderTest>): Harness {
  let made: StoreUnderTest | null = null;
  let prefixes = 0;
  beforeAll(async () => {
    made = await make();
  });
  afterAll(async () => {
    await made?.dispose?.();
  });
  const present = (): StoreUnderTest => {
    if (made === null) throw new Error('the store is made before the tests run');
    return made;
  };
  return {
    store: () => present().store,
    reopen: async () => (await present().reopen?.()) ?? present().store,
    prefix: () => {
      prefixes += 1;
      return `contract/${prefixes}/`;
    },
  };
}

export const TEXT = { contentType: 'text/plain' };

export const bytes = (text: string): Buffer => Buffer.from(text);

export async function readAll(reader: ObjectReader | null): Promise<Buffer> {
  if (reader === null) throw new Error('there is no such object');
  const chunks: Uint8Array[] = [];
  for await (const chunk of reader.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export async function textOf(store: ObjectStore, key: string): Promise<string> {
  return (await readAll(await store.get(key))).toString();
}

export async function keysOf(listing: AsyncIterable<ListedObject>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of listing) keys.push(key);
  return keys;
}

/** The kind a call fails with; `resolved` when it does not fail. Anything but a StoreError is thrown on. */
export async function kindOf(call: Promise<unknown>): Promise<StoreErrorKind | 'resolved'> {
  try {
    await call;
    return 'resolved';
  } catch (error) {
    if (error instanceof StoreError) return error.kind;
    throw error;
  }
}

/** Each task's answer, of many run at once, told apart by whether its condition held. */
export async function race<T>(
  count: number,
  task: (index: number) => Promise<T>,
): Promise<{ readonly winners: readonly T[]; readonly losers: number }> {
  const answers = await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      try {
        return { won: await task(index) };
      } catch (error) {
        if (error instanceof StoreError && (error.kind === 'condition-failed' || error.kind === 'busy')) return null;
        throw error;
      }
    }),
  );
  const winners = answers.filter((answer) => answer !== null).map(({ won }) => won);
  return { winners, losers: count - winners.length };
}
