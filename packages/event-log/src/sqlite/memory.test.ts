import { describe, expect, it } from 'vitest';
import { startChild } from './testing/child.ts';
import { openLog, TOPIC } from './testing/open-in-folder.ts';

/** One more buffer that was not collected yet is no growth; a tenth of the larger backlog would be. */
const COLLECTED_LATE_BYTES = 6_000_000;
const HANDLED = 1_000;

async function mostBytes(backlog: number): Promise<number> {
  const { file, log } = await openLog();
  const value = new Uint8Array(300);
  for (let from = 0; from < backlog; from += 1_000) {
    const numbers = Array.from({ length: 1_000 }, (_, index) => from + index);
    await log.append(numbers.map((number) => ({ topic: TOPIC, key: `k${number % 5_000}`, value })));
  }
  await log.close();
  const child = startChild(new URL('testing/consume-backlog.ts', import.meta.url), file, String(HANDLED));
  await child.ended;
  return Number(child.lines[0]);
}

describe('the memory of a consumer', () => {
  it('is the same with a backlog of 1,000 and of 200,000 records', async () => {
    const small = await mostBytes(1_000);
    const large = await mostBytes(200_000);
    expect(small).toBeGreaterThan(1_000_000);
    expect(large).toBeLessThan(Math.max(1.2 * small, small + COLLECTED_LATE_BYTES));
  }, 60_000);
});
