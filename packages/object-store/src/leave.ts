import { Readable } from 'node:stream';
import type { Body } from './port.ts';

/** Ends a body that is not going to be read, so that nothing it holds stays open. */
export async function leave(body: Body): Promise<void> {
  // The iterator of a stream that was not begun leaves the stream as it is.
  if (body instanceof Readable) body.destroy();
  else if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}
