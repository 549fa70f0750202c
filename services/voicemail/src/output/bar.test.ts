import { expect, it } from 'vitest';
import { bar } from './bar.ts';
import { amount, bytes } from './words.ts';

it.each([
  [0, 4, '[....................] 0 of 4'],
  [1, 4, '[#####...............] 1 of 4'],
  [4, 4, '[####################] 4 of 4'],
  // What came since it was counted.
  [5, 4, '[####################] 4 of 4'],
  [0, 0, '[####################] 0 of 0'],
])('%i of %i is %s', (done, total, shown) => {
  expect(bar(done, total)).toBe(shown);
});

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [12_900_000, '12.3 MiB'],
])('%i bytes are %s', (count, said) => {
  expect(bytes(count)).toBe(said);
});

it('one thing is one, more are more', () => {
  expect([amount(1, 'recording'), amount(1_204, 'document'), amount(0, 'index entry', 'index entries')]).toEqual([
    '1 recording',
    '1,204 documents',
    '0 index entries',
  ]);
});
