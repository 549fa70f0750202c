import { describe, expect, it } from 'vitest';
import type { MwiView } from '@voicemail/contracts';
import { lampLine, length, time } from './words.ts';

const LAMP: MwiView = {
  tenant: 't100',
  mailbox: '9876',
  kind: 'personal',
  users: [],
  messagesWaiting: true,
  new: 2,
  old: 1,
  urgentNew: 0,
  urgentOld: 0,
  revision: 7,
  asOf: '2026-03-02T10:00:00Z',
  full: false,
  stale: false,
  messageSummary: '',
};
const plainTerminal = { style: (_format: unknown, text: string): string => text };

describe('words', () => {
  it.each([
    [0, '0:00'],
    [4_400, '0:04'],
    [65_000, '1:05'],
    [3_600_000, '60:00'],
    [null, '?'],
  ])('a recording of %s ms is %s long', (ms, text) => {
    expect(length(ms)).toBe(text);
  });

  it('tells times in UTC, to the second', () => {
    expect(time('2026-03-02T10:00:00.123+01:00')).toBe('2026-03-02 09:00:00Z');
  });

  it('tells a lamp with its counts', () => {
    expect(lampLine(LAMP, plainTerminal)).toBe('lamp of 9876: on   2 new, 1 old');
  });

  it('says what is urgent, full and not confirmed', () => {
    const lamp = { ...LAMP, messagesWaiting: false, urgentNew: 1, full: true, stale: true };
    expect(lampLine(lamp, plainTerminal)).toBe(
      'lamp of 9876: off  2 new, 1 old (urgent: 1 new, 0 old), full, not confirmed now',
    );
  });
});
