import { STATUS_CODES } from 'node:http';
import { InvalidEvent, type Fault, type Problem } from '@voicemail/contracts';
import { LogError } from '@voicemail/event-log';
import { MwiError } from '@voicemail/mwi-store';
import { StoreError } from '@voicemail/object-store';
import { Refusal } from '@voicemail/message-store';
import type { FastifyError } from 'fastify';
import { RETRY_AFTER_SECONDS } from './limits.ts';

/** A call that is refused, as its caller is told (RFC 9457). The detail repeats nothing that was sent. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly status: number;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { readonly faults?: readonly Fault[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.status = status;
    this.faults = more.faults ?? [];
    this.headers = more.headers ?? {};
  }
}

export const notFound = (what: string): HttpProblem => new HttpProblem(404, `There is no such ${what}.`);

/** The document of a problem. */
export function problemDocument({ status, message, faults }: HttpProblem): Problem {
  return {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: message,
    ...(faults.length === 0 ? {} : { faults: faults.map(({ path, message: fault }) => ({ path, message: fault })) }),
  };
}

/** What a caller is told of an error. What is not known is a 500 without its message, which may hold anything. */
export function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof InvalidEvent) return new HttpProblem(400, 'The event is refused.', { faults: error.faults });
  if (error instanceof StoreError) return storeProblem(error);
  if (error instanceof LogError) return logProblem(error);
  if (error instanceof MwiError) return mwiProblem(error);
  if (error instanceof Refusal && error.reason === 'unknown-region') {
    return unavailable("The tenant's list does not have the region that holds this now.");
  }
  return fastifyProblem(error);
}

function storeProblem(error: StoreError): HttpProblem {
  if (error.kind === 'not-found') return notFound('object');
  if (error.kind === 'full') return unavailable('A store has no room left. Try again.');
  return error.retryable ? unavailable('A store cannot be reached. Try again.') : internal();
}

function logProblem(error: LogError): HttpProblem {
  if (error.code === 'too-large') return new HttpProblem(413, 'The event is larger than a record of the log may be.');
  if (error.code === 'full') return unavailable('The log has no room left to take the event. Try again.');
  return error.retryable || error.code === 'closed' ? unavailable('The log cannot be reached. Try again.') : internal();
}

function mwiProblem(error: MwiError): HttpProblem {
  return error.retryable || error.code === 'closed'
    ? unavailable('The counts cannot be reached. Try again.')
    : internal();
}

/** Refusals of the server itself: their messages are its own words. */
const OWN_WORDS: Readonly<Record<number, string>> = {
  414: 'The path is too long.',
  415: 'The content type is not one that this call takes.',
};

function fastifyProblem(error: unknown): HttpProblem {
  const status = error instanceof Error ? ((error as Partial<FastifyError>).statusCode ?? 500) : 500;
  if (status < 400 || status >= 500) return internal();
  return new HttpProblem(status, OWN_WORDS[status] ?? 'The call is refused: it cannot be read.');
}

const internal = (): HttpProblem => new HttpProblem(500, 'Something went wrong; the log of the service says what.');

export const unavailable = (detail: string): HttpProblem =>
  new HttpProblem(503, detail, { headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } });

export const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem(413, `The body is larger than ${maxBytes / 1024 / 1024} MiB.`);
