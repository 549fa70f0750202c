import { createRequire } from 'node:module';
import pino from 'pino';
import type pretty from 'pino-pretty';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';
import type { LogLevel } from './config-values.ts';
import { describeError } from './describe-error.ts';
import { redactLine } from './redact-line.ts';

/** A pino logger; also what Fastify takes as `loggerInstance`. */
export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Which service speaks. */
  readonly name: string;
  /** Where lines go; standard output unless told, in colours when that is a terminal. */
  readonly destination?: { write(line: string): void };
  /** Dates the lines; the machine's clock unless told. */
  readonly clock?: Clock;
}

/**
 * JSON lines, one each, free of callers' data whatever was given to the logger: every line is read again before it is written (see `redactLine`).
 * Writes are synchronous, so that the last lines of a process that dies are there.
 */
export function createLogger({ level, name, destination, clock = systemClock() }: LoggerOptions): Logger {
  return pino(
    {
      level,
      name,
      // No hostname: on some clouds it is the machine's address.
      base: {},
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError, req: describeRequest, res: describeResponse },
      hooks: { streamWrite: redactLine, logMethod: nameTheError },
    },
    destination ?? standardOutput(),
  );
}

/**
 * Gives an error that is logged without words a message of ours: pino would take the error's own, which may quote the input.
 */
function nameTheError(this: Logger, args: Parameters<pino.LogFn>, method: pino.LogFn): void {
  const [first, message] = args as [unknown, unknown];
  const error = first instanceof Error ? first : (first as { readonly err?: unknown } | null | undefined)?.err;
  if (error instanceof Error && message === undefined) {
    const fields = first instanceof Error ? { err: first } : (first as object);
    return method.call(this, fields, String(describeError(error)['message']));
  }
  return method.apply(this, args);
}

function standardOutput(): pino.DestinationStream {
  if (process.stdout.isTTY) {
    // Loaded for people only: a service under a supervisor starts without it.
    const make = createRequire(import.meta.url)('pino-pretty') as typeof pretty;
    return make({ colorize: true, sync: true });
  }
  return pino.destination({ fd: 1, sync: true });
}

/** Of a request: no headers, no address of the peer, no query (it may hold a number). */
function describeRequest(request: { method?: string; url?: string; id?: unknown }): Record<string, unknown> {
  return { id: request.id, method: request.method, url: request.url?.split('?')[0] };
}

function describeResponse(response: { statusCode?: number }): Record<string, unknown> {
  return { statusCode: response.statusCode };
}
