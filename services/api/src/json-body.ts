import { Readable } from 'node:stream';
import { leaveUnread, type Bodies } from './body.ts';
import type { App } from './context.ts';
import { MAX_JSON_BYTES } from './limits.ts';
import { HttpProblem } from './problem.ts';

const MERGE_PATCH = 'application/merge-patch+json';
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bodies are JSON, of a PATCH also a merge patch (RFC 7396); an empty one is none. Anything else is 415. */
export function takeJson(app: App, bodies: Bodies): void {
  leaveUnread(app, 'application/json');
  leaveUnread(app, MERGE_PATCH);
  app.addHook('preValidation', async (request) => {
    if (!(request.body instanceof Readable)) return;
    if (request.method !== 'PATCH' && request.mediaType === MERGE_PATCH) {
      throw new HttpProblem(415, 'A merge patch is for PATCH: send application/json.');
    }
    request.body = await bodies.read(request, MAX_JSON_BYTES, parse);
  });
}

function parse(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    // The error's own words would repeat the body.
    throw new HttpProblem(400, 'The body is not JSON in UTF-8.');
  }
}
