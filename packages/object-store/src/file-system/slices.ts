import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';

const READ_BYTES = 128 * 1024;

/**
 * Closes the file of a reader that somebody dropped without a word: Node ends the process for one that is collected open.
 */
const dropped = new FinalizationRegistry<FileHandle>((file) => {
  // There is nobody left to tell.
  file.close().catch(() => undefined);
});

/** Bytes held in memory, as a body. */
export function sliceOfBuffer(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: async function* () {
      if (bytes.length > 0) yield bytes;
    },
  };
}

/**
 * Bytes of an open file, from `start` to `end` (not included), read as they are asked for; the file is closed at the end,
 * at an error, or when the reader leaves.
 * @param expectedCrc32 of all these bytes, checked at the end; null where they are not the whole object.
 */
export function sliceOfFile(
  key: string,
  file: FileHandle,
  start: number,
  end: number,
  expectedCrc32: number | null,
): AsyncIterable<Uint8Array> {
  let position = start;
  let sum = 0;
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (position >= end) {
      await file.close();
      if (expectedCrc32 !== null && sum !== expectedCrc32) {
        throw new StoreFault('corrupt', 'the bytes on the volume are not those that were written');
      }
      return { done: true, value: undefined };
    }
    const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, end - position));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) throw new StoreFault('corrupt', 'the file on the volume is cut short');
    const chunk = buffer.subarray(0, bytesRead);
    position += bytesRead;
    sum = crc32(chunk, sum);
    return { done: false, value: chunk };
  };
  // Not a generator: one that was never begun would not run its `finally`, and the file would stay open.
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    next: async () => {
      try {
        return await next();
      } catch (error) {
        await file.close();
        throw storeError('get', key, error);
      }
    },
    return: async () => {
      position = end;
      expectedCrc32 = null;
      await file.close();
      return { done: true, value: undefined };
    },
  };
  dropped.register(iterator, file);
  return { [Symbol.asyncIterator]: () => iterator };
}
