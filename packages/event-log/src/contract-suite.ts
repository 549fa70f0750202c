import { describe } from 'vitest';
import { appendingContract } from './contract/appending.ts';
import { cleaningContract } from './contract/cleaning.ts';
import { delaysContract } from './contract/delays.ts';
import { handlingContract } from './contract/handling.ts';
import { holdingContract } from './contract/holding.ts';
import { progressContract } from './contract/progress.ts';
import type { LogCapabilities, OpenLogUnderTest } from './contract/world.ts';

export type { LogCapabilities, LogUnderTest, LogUnderTestOptions, OpenLogUnderTest } from './contract/world.ts';

/**
 * What every EventLog does, as a vitest suite for an adapter to run against the real thing. It assumes neither a
 * single partition nor consecutive offsets; topics and groups have names of their own in each test.
 */
export function eventLogContract(name: string, open: OpenLogUnderTest, capabilities: LogCapabilities): void {
  describe(`${name}: appending and reading`, () => appendingContract(open, capabilities));
  describe(`${name}: handling`, () => handlingContract(open, capabilities));
  describe(`${name}: progress`, () => progressContract(open));
  describe(`${name}: holdings`, () => holdingContract(open));
  describe(`${name}: delayed topics`, () => delaysContract(open));
  describe(`${name}: cleanup`, () => cleaningContract(open, capabilities));
}
