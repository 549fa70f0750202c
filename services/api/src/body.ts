import { Readable } from 'node:stream';
import type { Clock } from '@voicemail/runtime';
import type { FastifyRequest } from 'fastify';
import type { App } from './context.ts';
import type { Arrival, Intake } from './intake.ts';
import { LINGER_MS } from './limits.ts';
import { HttpProblem } from './problem.ts';

/** A body that is larger than its reader wants to hold. */
export interface LargeBody {
  /** What came first, not empty. */
  readonly first: Buffer;
  /** All of it, from the first byte on, as it arrives; read once. Throws as `Bodies.read` does. */
  readonly chunks: AsyncIterable<Buffer>;
}

export interface Bodies {
  /**
   * Reads a call's body and hands it over; the body is gone when `work` is done.
   * @throws HttpProblem 413 as soon as it is too large: at once where the call says its length, else while it arrives;
   * 503 where there is no room; 400 where the caller breaks off.
   */
  read<T>(request: FastifyRequest, maxBytes: number, work: (bytes: Buffer) => T | Promise<T>): Promise<T>;
  /**
   * The same, but no more than `heldBytes` are held: a larger body is handed over while it arrives, as fast as `work` reads it.
   */
  readOrStream<T>(
    request: FastifyRequest,
    bounds: { readonly maxBytes: number; readonly heldBytes: number },
    work: (body: Buffer | LargeBody) => T | Promise<T>,
  ): Promise<T>;
}

export function createBodies(intake: Intake, clock: Clock): Bodies {
  const readOrStream: Bodies['readOrStream'] = async (request, { maxBytes, heldBytes }, work) => {
    const { body } = request;
    if (!(body instanceof Readable)) return work(Buffer.alloc(0));
    try {
      const declared = Number(request.headers['content-length'] ?? 0);
      if (declared > maxBytes) throw tooLarge(maxBytes);
      // A body that says it is too large to be held is not waited for.
      const toHold = declared > heldBytes ? 0 : heldBytes;
      const arrival = intake.begin(Math.min(declared, toHold));
      try {
        return await work(await hold(arriving(body, maxBytes), toHold, arrival));
      } finally {
        arrival.end();
      }
    } finally {
      discard(body, clock);
    }
  };
  return {
    readOrStream,
    read: (request, maxBytes, work) =>
      readOrStream(request, { maxBytes, heldBytes: maxBytes }, (body) => {
        if (!Buffer.isBuffer(body)) throw new TypeError('a body within the limit is held');
        return work(body);
      }),
  };
}

/** Has calls of a media type come to their handlers with the body unread. */
export function leaveUnread(app: App, contentType: string): void {
  app.addContentTypeParser(contentType, (_request, payload, done) => done(null, payload));
}

/** The body's chunks. @throws HttpProblem 413 and 400. */
async function* arriving(body: Readable, maxBytes: number): AsyncGenerator<Buffer> {
  let size = 0;
  try {
    // Not destroyed with the loop: its connection has yet to carry the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof HttpProblem || !body.destroyed) throw error;
    throw new HttpProblem(400, 'The body broke off.');
  }
}

/** The body where it is small; else what was held of it, before the rest. */
async function hold(chunks: AsyncGenerator<Buffer>, heldBytes: number, arrival: Arrival): Promise<Buffer | LargeBody> {
  const held: Buffer[] = [];
  let size = 0;
  for (;;) {
    const { done, value: chunk } = await chunks.next();
    if (done === true) return Buffer.concat(held, size);
    size += chunk.length;
    if (size <= heldBytes) arrival.add(chunk.length);
    held.push(chunk);
    const [first] = held;
    if (size > heldBytes && first !== undefined) return { first, chunks: after(held, chunks) };
  }
}

/** What was held, each chunk let go of as it is read, then the rest. */
async function* after(held: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = held.shift(); chunk !== undefined; chunk = held.shift()) yield chunk;
  yield* rest;
}

/**
 * Reads what still comes of a body and drops it, for a while: a connection that is closed on data which nobody has read is
 * reset, and the answer lost with it.
 */
function discard(body: Readable, clock: Clock): void {
  if (body.readableEnded || body.destroyed) return;
  const over = new AbortController();
  body.once('close', () => over.abort());
  body.resume();
  clock.sleep(LINGER_MS, over.signal).then(
    () => body.destroy(),
    // Only the close above ends the sleep early.
    () => undefined,
  );
}

const tooLarge = (maxBytes: number): HttpProblem =>
  new HttpProblem(413, `The body is larger than ${maxBytes / 1024 / 1024} MiB.`);
