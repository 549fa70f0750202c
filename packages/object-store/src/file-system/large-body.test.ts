import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryStore, type TemporaryStore } from '../testing.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 30 * MIB;
const CHUNK_BYTES = 64 * 1024;
const TIMEOUT_MS = 60_000;
const MAX_GROWTH_BYTES = 2 * MIB;

let made: TemporaryStore;

beforeEach(async () => {
  made = await temporaryStore();
});

afterEach(() => made.dispose());

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, without what the collector has merely not come to yet. */
function held(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

describe('a body of 30 MiB', () => {
  it(
    'goes in and out as a stream, with no more in memory than a small one needs',
    { timeout: TIMEOUT_MS },
    async () => {
      const before = held();
      let peak = 0;
      const sent = createHash('sha256');
      const chunk = Buffer.alloc(CHUNK_BYTES, 'voice');
      const body = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < SIZE_BYTES; at += CHUNK_BYTES) {
          chunk.writeUInt32LE(at);
          sent.update(chunk);
          if (at % MIB === 0) peak = Math.max(peak, held());
          yield chunk;
        }
      };
      const { size } = await made.store.put('t100/media.wav', body(), { contentType: 'audio/wav' });
      expect(size).toBe(SIZE_BYTES);
      const received = createHash('sha256');
      let parts = 0;
      for await (const part of (await made.store.get('t100/media.wav'))?.body ?? []) {
        received.update(part);
        parts += 1;
        if (parts % 10 === 0) peak = Math.max(peak, held());
      }
      expect(received.digest('hex')).toBe(sent.digest('hex'));
      expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
    },
  );
});

describe('a reader that somebody dropped', () => {
  it('gives its file back', { timeout: TIMEOUT_MS }, async () => {
    await made.store.put('t100/media.wav', Buffer.alloc(100_000), { contentType: 'audio/wav' });
    const openFiles = async (): Promise<number> => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let reader = 0; reader < 20; reader++) await made.store.get('t100/media.wav');
    collect();
    const areBack = async (): Promise<void> => {
      collect();
      expect(await openFiles()).toBeLessThanOrEqual(before);
    };
    await vi.waitFor(areBack, { timeout: 15_000 });
  });
});
