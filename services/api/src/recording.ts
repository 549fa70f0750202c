import { extname } from 'node:path/posix';
import { Readable } from 'node:stream';
import type { Metadata } from '@voicemail/domain';
import type { Clock } from '@voicemail/runtime';
import { LISTENER_IDLE_MS } from './limits.ts';

/**
 * A body of a store as a stream that goes as fast as its reader, and lets go of the store when its reader goes or takes nothing for
 * `LISTENER_IDLE_MS`.
 * @throws StoreError where the store does not give the first bytes: then nothing was answered yet.
 */
export async function streamOf(body: AsyncIterable<Uint8Array>, clock: Clock): Promise<Readable> {
  const iterator = body[Symbol.asyncIterator]();
  let took = (): void => undefined;
  let first: Promise<IteratorResult<Uint8Array>> | null = Promise.resolve(await iterator.next());
  // Not a generator: one that was never begun would not let go of the store.
  const all: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => all,
    next: async () => {
      took();
      const next = await (first ?? iterator.next());
      first = null;
      if (next.done !== true) letGoWhenIdle();
      return next;
    },
    return: async () => {
      took();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  const stream = Readable.from(all, { objectMode: false });
  const letGoWhenIdle = (): void => {
    took = clock.after(LISTENER_IDLE_MS, () => {
      stream.destroy(new Error('its listener took nothing for too long'));
    });
  };
  return stream;
}

/** What every answer with a recording says of it. */
export function recordingHeaders({ messageId, media }: Metadata): Readonly<Record<string, string>> {
  return {
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'content-disposition': `attachment; filename="${messageId}${extname(media.key)}"`,
    'content-type': headerText(media.contentType),
    etag: `"${media.sha256}"`,
  };
}

/** A media type as its publisher sent it; without parameters that no header may carry. */
function headerText(contentType: string): string {
  return /^[\t\x20-\x7e]+$/.test(contentType) ? contentType : (contentType.split(';', 1)[0] ?? '').trim();
}
