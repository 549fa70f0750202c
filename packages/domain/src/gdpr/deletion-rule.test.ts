import { expect, it } from 'vitest';
import { isDue } from './deletion-rule.ts';

const hardDeadlineMs = 7 * 86_400_000;
const MONDAY = '2026-03-02';
const due = (nowText: string, modifiedAt: string, forgetMarkedAt?: string): boolean =>
  isDue(
    { modifiedAt, ...(forgetMarkedAt === undefined ? {} : { forgetMarkedAt }) },
    { nowMs: Date.parse(nowText), hardDeadlineMs },
  );

it.each([
  ['marked at 09:59 on Monday, the run on Tuesday at 10:00 deletes it', '09:59', '2026-03-03T10:00:00Z', true],
  ['marked at 10:00 on Monday, the run on Tuesday at 10:00 deletes it', '10:00', '2026-03-03T10:00:00Z', true],
  ['marked at 10:01 on Monday, the run on Tuesday at 10:00 keeps it', '10:01', '2026-03-03T10:00:00Z', false],
  ['marked at 10:01 on Monday, the run on Wednesday at 10:00 deletes it', '10:01', '2026-03-04T10:00:00Z', true],
])('%s', (_name, time, run, expected) => {
  const at = `${MONDAY}T${time}:00Z`;
  expect(due(run, at, at)).toBe(expected);
});

it('a change after the mark puts the deletion off, but never beyond the hard deadline', () => {
  const [marked, read] = [`${MONDAY}T10:00:00Z`, '2026-03-09T09:00:00Z'];
  expect(due('2026-03-09T09:59:00Z', read, marked)).toBe(false);
  expect(due('2026-03-09T10:00:00Z', read, marked)).toBe(true);
});

it('a message that is not marked is never due, and neither is one whose mark a clock has dated ahead', () => {
  expect(due('2030-01-01T00:00:00Z', `${MONDAY}T10:00:00Z`)).toBe(false);
  expect(due(`${MONDAY}T10:00:00Z`, '2026-03-04T10:00:00Z', '2026-03-04T10:00:00Z')).toBe(false);
});

it('daylight saving makes no day shorter', () => {
  const at = '2026-03-08T09:30:00Z';
  expect(due('2026-03-09T09:29:59Z', at, at)).toBe(false);
  expect(due('2026-03-09T09:30:00Z', at, at)).toBe(true);
});
