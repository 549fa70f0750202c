import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSchedule, type Schedule } from './schedule.ts';

const schedule = (expression: string): Schedule => {
  const read = readSchedule(expression);
  if (typeof read === 'string') throw new TypeError(read);
  return read;
};
const next = (expression: string, after: string): string =>
  new Date(schedule(expression).next(Date.parse(after))).toISOString();
const previous = (expression: string, before: string): string =>
  new Date(schedule(expression).previous(Date.parse(before)) ?? Number.NaN).toISOString();

describe('a schedule', () => {
  it('comes after a moment, and not at it', () => {
    expect(next('0 10 * * *', '2026-03-02T09:59:59.999Z')).toBe('2026-03-02T10:00:00.000Z');
    expect(next('0 10 * * *', '2026-03-02T10:00:00.000Z')).toBe('2026-03-03T10:00:00.000Z');
    expect(next('0 * * * *', '2026-03-02T10:00:00.001Z')).toBe('2026-03-02T11:00:00.000Z');
  });

  it('was before a moment, or at it', () => {
    expect(previous('0 10 * * *', '2026-03-02T09:59:59.999Z')).toBe('2026-03-01T10:00:00.000Z');
    expect(previous('0 10 * * *', '2026-03-02T10:00:00.000Z')).toBe('2026-03-02T10:00:00.000Z');
    expect(previous('0 0 29 2 *', '2026-03-02T10:00:00.001Z')).toBe('2024-02-29T00:00:00.000Z');
    expect(schedule('0 0 0 1 1 * 2999').previous(Date.parse('2026-03-02T10:00:00Z'))).toBeNull();
  });

  it.each(['', 'every day', '61 * * * *', '0 10 * *', '0 0 31 2 *'])(
    'that is %j is none, and says so',
    (expression) => {
      expect(readSchedule(expression)).toMatch(/^must be a cron expression/);
    },
  );
});

describe.each(['Europe/Berlin', 'America/Los_Angeles', 'UTC'])('where the machine is in %s', (zone) => {
  const before = process.env['TZ'];
  beforeEach(() => {
    process.env['TZ'] = zone;
  });
  afterEach(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });

  it.each(['2026-03-08', '2026-03-29', '2026-10-25', '2026-11-01'])(
    'a day on which clocks are changed, %s, is as long as any other',
    (day) => {
      const dayBefore = new Date(Date.parse(`${day}T10:00:00Z`) - 86_400_000).toISOString();
      expect(next('0 10 * * *', dayBefore)).toBe(`${day}T10:00:00.000Z`);
      // The hour that is left out, and the one that comes twice.
      for (const time of ['01:30', '02:30']) {
        const [hour, minute] = time.split(':').map(Number);
        expect(next(`${minute} ${hour} * * *`, `${day}T00:00:00Z`)).toBe(`${day}T${time}:00.000Z`);
        expect(next(`${minute} ${hour} * * *`, `${day}T${time}:00Z`).slice(11)).toBe(`${time}:00.000Z`);
      }
    },
  );
});
