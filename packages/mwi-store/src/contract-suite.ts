import { afterEach, describe } from 'vitest';
import { countingContract } from './contract/counting.ts';
import { findingContract } from './contract/finding.ts';
import { propertiesContract } from './contract/properties.ts';
import { recountingContract } from './contract/recounting.ts';
import type { MwiStoreUnderTest, OpenMwiStore } from './contract/under-test.ts';

export type { MwiStoreUnderTest, OpenMwiStore } from './contract/under-test.ts';

/**
 * What every `MwiStore` does, told as tests.
 * @param openStore opens an empty store for one test; it is closed after it.
 * @param capabilities `wipe`: the backend may lose everything, and `wipe` of the store under test brings that about.
 */
export function mwiStoreContract(
  name: string,
  openStore: OpenMwiStore,
  capabilities: { readonly wipe: boolean },
): void {
  describe(`the counts in ${name}`, () => {
    const opened: MwiStoreUnderTest[] = [];
    const open: OpenMwiStore = async () => {
      const underTest = await openStore();
      opened.push(underTest);
      return underTest;
    };
    afterEach(async () => {
      for (const underTest of opened.splice(0)) await underTest.close();
    });
    describe('counting', () => countingContract(open));
    describe('recounting', () => recountingContract(open, capabilities.wipe));
    describe('finding', () => findingContract(open));
    describe('properties', () => propertiesContract(open));
  });
}
