import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterTest, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { bucketOn } from './server-bucket.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 30 * MIB;
const CHUNK_BYTES = 64 * 1024;
const AT_ONCE = 8;
const TIMEOUT_MS = 120_000;
/** One part of each, and some. */
const MAX_GROWTH_BYTES = AT_ONCE * 6 * MIB;
/** The collector is slow, and asked now and then. */
const LOOK_EVERY_BYTES = 16 * MIB;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, without what the collector has merely not come to yet. */
function held(): number {
  // The second one waits for the memory that the first one found to be free.
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

whenAvailable(await s3Server(), 'bodies of 30 MiB to S3 and back', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start();
  });

  it('are streams, eight at once with a part of each in memory', { timeout: TIMEOUT_MS }, async () => {
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const store = await bucket.open();
    const before = held();
    let [peak, passed] = [0, 0];
    const look = (bytes: number): void => {
      passed += bytes;
      if (passed % LOOK_EVERY_BYTES < bytes) peak = Math.max(peak, held());
    };
    const roundTrip = async (index: number): Promise<void> => {
      const sent = createHash('sha256');
      const chunk = Buffer.alloc(CHUNK_BYTES, index);
      const body = async function* (): AsyncGenerator<Uint8Array> {
        for (let at = 0; at < SIZE_BYTES; at += CHUNK_BYTES) {
          chunk.writeUInt32LE(at);
          sent.update(chunk);
          look(CHUNK_BYTES);
          yield chunk;
        }
      };
      const { size } = await store.put(`media-${index}.wav`, body(), { contentType: 'audio/wav' });
      expect(size).toBe(SIZE_BYTES);
      const received = createHash('sha256');
      for await (const part of (await store.get(`media-${index}.wav`))?.body ?? []) {
        received.update(part);
        look(part.length);
      }
      expect(received.digest('hex')).toBe(sent.digest('hex'));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => roundTrip(index)));
    expect(peak - before).toBeLessThan(MAX_GROWTH_BYTES);
    expect(peak - before).toBeGreaterThan(5 * MIB);
  });
});
