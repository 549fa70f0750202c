import { Readable } from 'node:stream';
import type { Clock } from '@voicemail/runtime';
import type { FastifyRequest } from 'fastify';
import type { App } from './context.ts';
import { holdBody, type LargeBody } from './hold-body.ts';
import type { Intake } from './intake.ts';
import { LINGER_MS } from './limits.ts';
import { tooLarge } from './problem.ts';

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
        return await work(await holdBody(body, { maxBytes, heldBytes: toHold }, arrival));
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
export function leaveUnread(app: App, contentType: string | RegExp): void {
  app.addContentTypeParser(contentType, (_request, payload, done) => done(null, payload));
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
