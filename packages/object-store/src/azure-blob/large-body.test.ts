import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { azureServer, faultProxy, faults, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type ServerContainer } from './server-container.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 30 * MIB;
const CHUNK_BYTES = 64 * 1024;
const AT_ONCE = 8;
const TIMEOUT_MS = 120_000;
/** A piece of 2 MiB for each, what is on its way, and what the collector has not swept yet; the bodies are 240 MiB. */
const MAX_HELD_BYTES = 64 * MIB;
const WAV = { contentType: 'audio/wav' };

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held, without what the collector has merely not come to yet. */
function held(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}

/** A body whose chunks all differ, made in one memory, and come one at a turn of the event loop, as from a network. */
async function* recording(
  size: number,
  seed: number,
  onChunk: (at: number) => void = () => undefined,
): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(CHUNK_BYTES, 'voice');
  for (let at = 0; at < size; at += CHUNK_BYTES) {
    chunk.writeUInt32LE(seed, 0);
    chunk.writeUInt32LE(at, 4);
    onChunk(at);
    await turn();
    yield chunk;
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

whenAvailable(shared(await azureServer()), 'a large body on Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  it(
    'goes in and out as a stream, eight at once, with a piece of each in memory',
    { timeout: TIMEOUT_MS },
    async () => {
      const store = await container.open();
      await store.put('warm', recording(5 * MIB, 0), WAV);
      const before = held();
      let peak = before;
      const look = (at: number): void => {
        if (at % (6 * MIB) === 0) peak = Math.max(peak, held());
      };
      const seeds = Array.from({ length: AT_ONCE }, (_, index) => index);
      const there = async (seed: number): Promise<void> => {
        await store.put(`s/${seed}`, recording(SIZE_BYTES, seed, look), WAV);
      };
      const back = async (seed: number): Promise<void> => {
        let at = 0;
        const body = async function* (): AsyncGenerator<Uint8Array> {
          for await (const chunk of (await store.get(`s/${seed}`))?.body ?? []) {
            if (Math.floor((at + chunk.length) / (6 * MIB)) > Math.floor(at / (6 * MIB))) look(0);
            at += chunk.length;
            yield chunk;
          }
        };
        expect(await digestOf(body())).toBe(await digestOf(recording(SIZE_BYTES, seed)));
      };
      await Promise.all(seeds.map(there));
      await Promise.all(seeds.map(back));
      expect(peak - before).toBeLessThan(MAX_HELD_BYTES);
    },
  );

  it('that breaks off, or is refused in the middle, leaves nothing to be seen', async () => {
    const proxy = await faultProxy(server.url);
    const store = await container.open({}, proxy.url);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield* recording(9 * MIB, 1);
      throw new RangeError('the publisher went away');
    };
    await expect(store.put('b/new', broken(), WAV)).rejects.toThrow(new RangeError('the publisher went away'));
    proxy.inject({ method: 'PUT', path: 'comp=block&', nth: 2 }, faults.azure.internalError());
    await expect(store.put('b/new', recording(9 * MIB, 1), WAV)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(proxy.requests.count({ method: 'PUT', path: 'comp=blocklist' })).toBe(0);
    expect(await store.head('b/new')).toBeNull();
    expect(await Array.fromAsync(store.list('b/'))).toEqual([]);
    // What they left does not stand in the way of another.
    await store.put('b/new', Buffer.from('x'), { ...WAV, condition: { absent: true } });
    expect(await digestOf((await store.get('b/new'))?.body ?? recording(0, 0))).toBe(await digestOf(once('x')));
    await expect(store.put('b/empty', broken(), WAV)).rejects.toThrow(RangeError);
    expect(await store.put('b/empty', Buffer.alloc(0), { ...WAV, condition: { absent: true } })).toMatchObject({
      size: 0,
    });
  });

  it('is put under its condition, which counts when it is whole', async () => {
    const store = await container.open();
    const { etag } = await store.put('c/a', recording(5 * MIB, 1), { ...WAV, condition: { absent: true } });
    const late = { ...WAV, condition: { absent: true } } as const;
    await expect(store.put('c/a', recording(5 * MIB, 2), late)).rejects.toMatchObject({ kind: 'condition-failed' });
    const stale = { ...WAV, condition: { etag: '"0x1"' } };
    await expect(store.put('c/a', recording(5 * MIB, 2), stale)).rejects.toMatchObject({ kind: 'condition-failed' });
    await store.put('c/a', recording(5 * MIB, 3), { ...WAV, condition: { etag } });
    expect(await digestOf((await store.get('c/a'))?.body ?? recording(0, 0))).toBe(
      await digestOf(recording(5 * MIB, 3)),
    );
  });

  it(
    'is one writer’s, of several that write an object at once: their blocks do not mix',
    { timeout: TIMEOUT_MS },
    async () => {
      const store = await container.open();
      const seeds = [1, 2, 3, 4];
      const ends = await Promise.all(
        seeds.map((seed) =>
          store.put('w/a', recording(9 * MIB, seed), WAV).then(
            () => 'written',
            (error: { kind?: string }) => error.kind,
          ),
        ),
      );
      expect(ends).toContain('written');
      // A commit takes the blocks of the others away.
      expect(new Set(ends).difference(new Set(['written', 'busy'])).size).toBe(0);
      const digests = await Promise.all(seeds.map((seed) => digestOf(recording(9 * MIB, seed))));
      expect(digests).toContain(await digestOf((await store.get('w/a'))?.body ?? recording(0, 0)));
    },
  );

  describe('its sum', () => {
    it('is checked by the service for each piece', async () => {
      const proxy = await faultProxy(server.url);
      const store = await container.open({}, proxy.url);
      proxy.inject({ method: 'PUT' }, faults.azure.error(400, 'Md5Mismatch', 'The MD5 value does not match.'));
      await expect(store.put('m/a', Buffer.from('x'), WAV)).rejects.toMatchObject({
        kind: 'unavailable',
        retryable: true,
      });
    });

    it('is checked by a reader of the whole, also where it went in pieces', async () => {
      const store = await container.open();
      for (const key of ['m/one', 'm/pieces']) {
        await store.put(key, recording(key === 'm/one' ? MIB : 5 * MIB, 1), WAV);
        const blob = container.client.getBlobClient(key);
        const { contentMD5, contentType = '', metadata = {} } = await blob.getProperties();
        expect(contentMD5).toHaveLength(16);
        await blob.setHTTPHeaders({ blobContentType: contentType, blobContentMD5: Buffer.alloc(16) });
        expect(metadata).not.toEqual({});
        const reader = await store.get(key);
        await expect(Array.fromAsync(reader?.body ?? [])).rejects.toMatchObject({
          kind: 'corrupt',
          operation: 'get',
          key,
        });
        // A part has no sum of its own.
        const part = await store.get(key, { range: { start: 5, end: 9 } });
        expect(Buffer.concat(await Array.fromAsync(part?.body ?? []))).toHaveLength(5);
      }
    });
  });
});
