import { Readable } from 'node:stream';
import type { Clock } from '@voicemail/runtime';
import type { FastifyRequest } from 'fastify';
import type { App } from './context.ts';
import type { Arrival, Intake } from './intake.ts';
import { LINGER_MS } from './limits.ts';
import { HttpProblem } from './problem.ts';

export interface Bodies {
  /**
   * Reads a call's body and hands it over; the body is gone when `work` is done.
   * @throws HttpProblem 413 as soon as it is too large: at once where the call says its length, else while it arrives;
   * 503 where there is no room; 400 where the caller breaks off.
   */
  read<T>(request: FastifyRequest, maxBytes: number, work: (bytes: Buffer) => T | Promise<T>): Promise<T>;
}

export function createBodies(intake: Intake, clock: Clock): Bodies {
  return {
    read: async (request, maxBytes, work) => {
      const { body } = request;
      if (!(body instanceof Readable)) return work(Buffer.alloc(0));
      try {
        const declared = request.headers['content-length'];
        if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
        const arrival = intake.begin(declared === undefined ? 0 : Number(declared));
        try {
          return await work(await collect(body, maxBytes, arrival));
        } finally {
          arrival.end();
        }
      } finally {
        discard(body, clock);
      }
    },
  };
}

/** Has calls of a media type come to their handlers with the body unread. */
export function leaveUnread(app: App, contentType: string): void {
  app.addContentTypeParser(contentType, (_request, payload, done) => done(null, payload));
}

async function collect(body: Readable, maxBytes: number, arrival: Arrival): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // Not destroyed with the loop: its connection has yet to carry the answer.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      arrival.add(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof HttpProblem || !body.destroyed) throw error;
    throw new HttpProblem(400, 'The body broke off.');
  }
  return Buffer.concat(chunks, size);
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
