import { describe, expect, it } from 'vitest';
import { javaPartitioner } from './partitioner.ts';

// Hashes that Java's client has in the test of its own `Utils.murmur2`.
const HASHES: Readonly<Record<string, number>> = {
  '21': -973_932_308,
  foobar: -790_332_482,
  'a-little-bit-long-string': -985_981_536,
  'a-little-bit-longer-string': -1_486_304_829,
};

describe('the partition of a record', () => {
  it.each(Object.entries(HASHES))('with the key %s is where Java’s client puts it', (key, hash) => {
    const partition = javaPartitioner();
    // Java makes the hash positive by its sign bit alone.
    for (const count of [1, 3, 12, 50]) expect(partition('t', count, key)).toBe((hash & 0x7fff_ffff) % count);
  });

  it('without a key is another one each time', () => {
    const partition = javaPartitioner();
    expect(new Set([1, 2, 3].map(() => partition('t', 3, null))).size).toBe(3);
  });
});
