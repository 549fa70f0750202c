import { resolve } from 'node:path';
import { z } from 'zod';
import { readSchedule } from './schedule.ts';

/** Values as they stand in the environment, checked and turned into what the code works with; for `readConfig`. */

/** Levels of pino, from the most to the least said. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const DAYS_PER_WEEK = 7;

/** ms of an ISO 8601 duration, or what is wrong with it. Years and months have no fixed length, so they are refused. */
function durationMs(text: string): number | string {
  let parsed: Temporal.Duration;
  try {
    parsed = Temporal.Duration.from(text);
  } catch (error) {
    if (error instanceof RangeError) return 'must be an ISO 8601 duration';
    throw error;
  }
  if (parsed.years !== 0 || parsed.months !== 0) return 'must not have years or months: their length is not fixed';
  return parsed.with({ weeks: 0, days: parsed.days + parsed.weeks * DAYS_PER_WEEK }).total('milliseconds');
}

/** `P1DT12H`: as a duration is to be written. */
const textOf = (ms: number): string =>
  Temporal.Duration.from({ milliseconds: ms }).round({ largestUnit: 'day' }).toString();

const durationText = (leastMs: number) =>
  z.string().transform((text, context) => {
    const ms = durationMs(text);
    if (typeof ms === 'number' && ms >= leastMs) return ms;
    context.addIssue({
      code: 'custom',
      message: typeof ms === 'string' ? ms : `must not be less than ${textOf(leastMs)}`,
    });
    return z.NEVER;
  });

/** An ISO 8601 duration (`PT30S`, `P7D`), in ms. Never negative; `leastMs` asks for more. */
export const duration = ({ leastMs = 0, example = 'PT30S' } = {}) => durationText(leastMs).meta({ example });

/** A cron expression, in UTC. */
export const cron = () =>
  z
    .string()
    .transform((text, context) => {
      const schedule = readSchedule(text);
      if (typeof schedule !== 'string') return schedule;
      context.addIssue({ code: 'custom', message: schedule });
      return z.NEVER;
    })
    .meta({ example: '0 * * * *' });

/** A hundred years: what is further off is no time of this system's. */
const MAX_OFFSET_MS = 36_525 * 86_400_000;

/** `CLOCK_OFFSET`: an ISO 8601 duration that may be negative (`-PT1H`), in ms (CONTRACT section 10). */
export const clockOffset = () =>
  durationText(-MAX_OFFSET_MS)
    .refine((ms) => ms <= MAX_OFFSET_MS, { error: 'must not be more than P36525D' })
    .meta({ example: 'PT25H' });

/** A whole number between `min` and `max`, both included. */
export const integer = ({
  min,
  max,
  example,
}: {
  readonly min: number;
  readonly max: number;
  readonly example?: number;
}) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, { error: 'must be a whole number', abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `must be between ${min} and ${max}` })
    .meta({ example: String(example ?? min) });

/** A TCP port; 0 lets the system choose. */
export const port = () => integer({ min: 0, max: 65_535, example: 8081 });

/** A pino level, in any case: sites write `DEBUG`. */
export const logLevel = () =>
  z
    .string()
    .toLowerCase()
    .pipe(z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }))
    .meta({ example: 'info' });

/** `true`/`false`, `1`/`0`, `yes`/`no`, `on`/`off`, in any case. */
export const boolean = () =>
  z
    .stringbool({
      truthy: ['true', '1', 'yes', 'on'],
      falsy: ['false', '0', 'no', 'off'],
      error: 'must be true or false',
    })
    .meta({ example: 'true' });

/** A file or folder, made absolute from the working directory. */
export const path = () =>
  z
    .string()
    .refine((text) => !text.includes('\0'), { error: 'must be a path' })
    .transform((text) => resolve(text))
    .meta({ example: '/var/lib/voicemail' });

/** An absolute URL of one of the given schemes, without a trailing slash. */
export const url = ({ protocols = ['http:', 'https:'], example = 'https://voicemail.example.com' } = {}) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
      error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    })
    .transform((text) => text.replace(/\/+$/, ''))
    .meta({ example });
