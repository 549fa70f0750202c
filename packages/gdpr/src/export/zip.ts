import { makeZip } from 'client-zip';

/** A file of a ZIP. */
export interface ZipEntry {
  readonly name: string;
  /** ms since the epoch. */
  readonly modifiedMs: number;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Pieces that are smaller wait for the next: a ZIP is full of headers of some bytes. */
const MIN_PIECE_BYTES = 16 * 1024;
/** What a ZIP can say (APPNOTE 4.4.6): local time from 1980 to 2107, with a day's room for the zone. */
const [EARLIEST_MS, LATEST_MS] = [Date.UTC(1980, 0, 2), Date.UTC(2107, 11, 30)];

/**
 * A ZIP of entries as they come, stored and not deflated, Zip64 where it grows that large. Goes as fast as its reader, and holds of the entries
 * only what the directory at its end says of each.
 * @throws what the entries or their contents throw: the ZIP has no end then, and does not look whole.
 */
export async function* zipOf(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const iterator = entries[Symbol.asyncIterator]();
  const files = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const next = await iterator.next();
        return next.done === true ? { done: true as const, value: undefined } : { value: fileOf(next.value) };
      },
    }),
  };
  const reader = makeZip(files).getReader();
  try {
    let small: Uint8Array[] = [];
    let smallBytes = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const isLarge = next.value.length >= MIN_PIECE_BYTES;
      if (!isLarge) {
        small.push(next.value);
        smallBytes += next.value.length;
      }
      if (smallBytes >= MIN_PIECE_BYTES || (isLarge && smallBytes > 0)) {
        yield Buffer.concat(small);
        [small, smallBytes] = [[], 0];
      }
      // As it is: to copy it would double what there is to be collected.
      if (isLarge) yield next.value;
    }
    if (smallBytes > 0) yield Buffer.concat(small);
  } finally {
    // The ZIP's own stream lets go of nothing that it was given: that is for the entries to do.
    await iterator.return?.();
  }
}

const fileOf = ({ name, modifiedMs, content }: ZipEntry) => ({
  name,
  lastModified: new Date(Math.min(Math.max(modifiedMs, EARLIEST_MS), LATEST_MS)),
  input: content,
});
