import { describe } from 'vitest';
import { bodyCases } from './contract/bodies.ts';
import { conditionCases } from './contract/conditions.ts';
import { harness, type StoreUnderTest } from './contract/harness.ts';
import { keyCases } from './contract/keys.ts';
import { listingCases } from './contract/listings.ts';
import { objectCases } from './contract/objects.ts';
import { tagCases } from './contract/tags.ts';

export type { StoreUnderTest } from './contract/harness.ts';

/**
 * What every object store does, as vitest cases: an adapter passes them unchanged, on the real thing. What not all can do
 * is asked of `capabilities`, never of the name.
 * @param name of the adapter, for the report alone.
 * @param make a store to try; it may hold other objects, but none below `contract/`.
 */
export function objectStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`object store contract: ${name}`, () => {
    const store = harness(make);
    objectCases(store);
    conditionCases(store);
    bodyCases(store);
    keyCases(store);
    listingCases(store);
    tagCases(store);
  });
}
