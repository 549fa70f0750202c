import { expect, it } from 'vitest';
import { isMailbox, isMessageId } from './names.ts';

it('a mailbox is a positive integer without leading zeros, 32 digits at most', () => {
  expect(['1', '9876', '9'.repeat(32)].every(isMailbox)).toBe(true);
  expect(['', '0', '012', '-1', '1.5', '12a', '9'.repeat(33), '../1', '9876\n'].some(isMailbox)).toBe(false);
});

it('a message id is 1 to 128 safe characters and never a dot folder', () => {
  expect(['a', 'A-b_c.d', '...', '.hidden', 'x'.repeat(128)].every(isMessageId)).toBe(true);
  expect(['', '.', '..', 'a/b', 'a\\b', 'a b', 'ü', 'x'.repeat(129), 'a\n', '%2e%2e'].some(isMessageId)).toBe(false);
});
