import type { ObjectReader } from '../port.ts';

/** Closes the reader of a `get` that nobody waits for any more, should it come after all: it holds a file or a connection open. */
export function closeLateReader(running: Promise<ObjectReader | null>): void {
  running
    .then((reader) => reader?.body[Symbol.asyncIterator]().return?.())
    // Whoever asked was told already why there is none.
    .catch(() => undefined);
}
