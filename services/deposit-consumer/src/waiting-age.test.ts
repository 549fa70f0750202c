import { expect, test } from 'vitest';
import { waitingAge } from './waiting-age.ts';

const MINUTE_MS = 60_000;
const now = Date.parse('2026-03-02T10:00:00.000Z');

test('the oldest waiting record is known while it is seen again, and forgotten when it was not', () => {
  const waiting = waitingAge();
  expect(waiting.oldest(now)).toBeNull();
  waiting.note(now - 5 * MINUTE_MS, now);
  waiting.note(now - 90 * MINUTE_MS, now);
  expect(waiting.oldest(now)).toBe(now - 90 * MINUTE_MS);
  waiting.note(now - 5 * MINUTE_MS, now + 10 * MINUTE_MS);
  expect(waiting.oldest(now + 10 * MINUTE_MS)).toBe(now - 90 * MINUTE_MS);
  expect(waiting.oldest(now + 13 * MINUTE_MS)).toBe(now - 5 * MINUTE_MS);
  expect(waiting.oldest(now + 60 * MINUTE_MS)).toBeNull();
});
