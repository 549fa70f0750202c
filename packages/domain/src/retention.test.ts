import { expect, it } from 'vitest';
import { isExpired } from './retention.ts';

it('a message expires when the days of its mailbox have passed since its time, and never without them', () => {
  const message = { time: '2026-03-02T10:00:00.000Z' };
  const dayLater = Date.parse('2026-03-03T10:00:00.000Z');
  expect(isExpired(message, 1, dayLater - 1)).toBe(false);
  expect(isExpired(message, 1, dayLater)).toBe(true);
  expect(isExpired(message, undefined, dayLater * 2)).toBe(false);
});
