import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { openMedia, readMessage } from '@voicemail/message-store';
import { around, StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { head, rawCall } from './world/raw-call.ts';
import { openWorld, type World } from './world/world.ts';

const path = '/v1/mailboxes/9876/messages/m1/media';
const MIB = 1024 * 1024;
let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

type Headers = Readonly<Record<string, string>>;
const get = (headers: Headers = {}) => world.call('GET', path, { headers });

describe('a recording', () => {
  it('comes whole, as what it is, to be kept by nobody', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const answer = await get();
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('RIFF sound of m1');
    expect(answer.headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': '16',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-store',
      'content-disposition': 'attachment; filename="m1.wav"',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each([
    ['bytes=0-3', 'RIFF', 'bytes 0-3/16'],
    ['bytes=14-', 'm1', 'bytes 14-15/16'],
    ['bytes=-2', 'm1', 'bytes 14-15/16'],
    ['bytes=14-99', 'm1', 'bytes 14-15/16'],
  ])('comes in part for %s', async (range, body, contentRange) => {
    await stored(world, '9876', 'm1');
    const answer = await get({ range });
    expect(answer.statusCode).toBe(206);
    expect(answer.body).toBe(body);
    expect(answer.headers).toMatchObject({ 'content-range': contentRange, 'content-length': String(body.length) });
  });

  it.each(['bytes=16-', 'bytes=-0', 'bytes=99-100'])('does not have %s, and says how long it is', async (range) => {
    await stored(world, '9876', 'm1');
    const answer = await get({ range });
    expect(answer.statusCode).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */16');
    expect(answer.headers['content-type']).toBe('application/problem+json');
  });

  it('comes in part only if it is still the one that was begun', async () => {
    await stored(world, '9876', 'm1');
    const etag = String((await get()).headers['etag']);
    expect((await get({ range: 'bytes=0-3', 'if-range': etag })).statusCode).toBe(206);
    expect((await get({ range: 'bytes=0-3', 'if-range': '"other"' })).statusCode).toBe(200);
  });

  it('is told of by HEAD, whole, without being sent', async () => {
    await stored(world, '9876', 'm1');
    const answer = await world.call('HEAD', path, { headers: { range: 'bytes=0-3' } });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe('');
    expect(answer.headers).toMatchObject({
      'content-length': '16',
      'content-type': 'audio/wav',
      'accept-ranges': 'bytes',
    });
    expect((await world.call('HEAD', '/v1/mailboxes/9876/messages/none/media')).statusCode).toBe(404);
  });

  it('whose type has parameters that no header may carry comes without them', async () => {
    await stored(world, '9876', 'm1', { contentType: 'audio/wav; note="☎"' });
    expect((await get()).headers['content-type']).toBe('audio/wav');
  });

  it('of a message that is not there is 404, as is one that its store has lost', async () => {
    expect((await get()).statusCode).toBe(404);
    await stored(world, '9876', 'm1');
    const { value } = (await readMessage(world.stores, '9876', 'm1'))!;
    await world.stores.master.store.delete(value.media.key);
    expect((await get()).statusCode).toBe(404);
    expect((await world.call('HEAD', path)).statusCode).toBe(404);
  });
});

describe('a region that is down', () => {
  it.each(['when it is opened', 'at its first bytes'])('makes its recordings 503, %s', async (when) => {
    await world.close();
    let isDown = false;
    const down = (key: string | null) => new StoreError('unavailable', 'get', key, 'the volume is not mounted');
    world = await openWorld({
      store: (store, name) => (name === 't100-westeurope' ? breaking(store) : store),
    });
    function breaking(store: ObjectStore): ObjectStore {
      if (when === 'when it is opened') {
        return withFaults(store, ({ key }) => {
          if (isDown) throw down(key);
        });
      }
      return {
        ...around(store, { call: (_operation, _key, run) => run(), items: (_operation, _prefix, run) => run() }),
        get: async (key, options) => {
          const reader = await store.get(key, options);
          if (!isDown || reader === null) return reader;
          await reader.body[Symbol.asyncIterator]().return?.();
          const body = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(down(key)) }) };
          return { info: reader.info, body };
        },
      };
    }
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    isDown = true;
    const answer = await get();
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(Object.keys(answer.headers)).not.toEqual(expect.arrayContaining(['content-disposition']));
    expect((await world.call('GET', '/v1/mailboxes/9876/messages/m1')).statusCode).toBe(200);
  });
});

describe('over a connection', () => {
  /** What the store was asked for and let go of. */
  const seen = { chunks: 0, opened: 0, closed: 0 };
  const watched = (store: ObjectStore): ObjectStore => ({
    ...around(store, { call: (_operation, _key, run) => run(), items: (_operation, _prefix, run) => run() }),
    get: async (key, options) => {
      const reader = await store.get(key, options);
      if (reader === null || !key.includes('/media.')) return reader;
      seen.opened += 1;
      const inner = reader.body[Symbol.asyncIterator]();
      let isOpen = true;
      const close = (): void => {
        if (isOpen) seen.closed += 1;
        isOpen = false;
      };
      const iterator: AsyncIterator<Uint8Array> = {
        next: async () => {
          const result = await inner.next();
          if (result.done === true) close();
          else seen.chunks += 1;
          return result;
        },
        return: async () => {
          close();
          await inner.return?.();
          return { done: true, value: undefined };
        },
      };
      return { info: reader.info, body: { [Symbol.asyncIterator]: () => iterator } };
    },
  });
  const bytes = Buffer.alloc(24 * MIB, 'sound ');

  beforeEach(async () => {
    await world.close();
    world = await openWorld({ store: watched });
    await stored(world, '9876', 'm1', { bytes });
    Object.assign(seen, { chunks: 0, opened: 0, closed: 0 });
  });

  it('a large recording comes as it was, byte for byte', async () => {
    const url = await world.listen();
    const answer = await fetch(new URL(path, url), { headers: { authorization: `Bearer ${world.token}` } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    await waitFor('the store is let go of', () => seen.closed === 1);
    expect(seen.opened).toBe(1);
  });

  it('a reader that stands still holds the store back, and one that goes lets it go', async () => {
    const call = await rawCall(await world.listen());
    call.socket.pause();
    call.send(head('GET', path, world.token));
    let before = -1;
    await waitFor(
      'the store is read no further',
      () => {
        const isStill = seen.chunks > 0 && seen.chunks === before;
        before = seen.chunks;
        return isStill;
      },
      Boolean,
      { everyMs: 200 },
    );
    const all = bytes.length / (128 * 1024);
    expect(seen.chunks).toBeLessThan(all);
    expect(seen.closed).toBe(0);
    call.socket.destroy();
    await waitFor('the store is let go of', () => seen.closed === 1);
  });

  it('HEAD opens the recording and reads nothing of it', async () => {
    await world.call('HEAD', path);
    expect(seen).toEqual({ chunks: 0, opened: 1, closed: 1 });
  });

  it('the recording that a message store gives is the one that is served', async () => {
    const { value } = (await readMessage(world.stores, '9876', 'm1'))!;
    const chunks = await Array.fromAsync((await openMedia(world.stores, value, { start: 5, end: 9 })).body);
    expect((await get({ range: 'bytes=5-9' })).rawPayload.equals(Buffer.concat(chunks))).toBe(true);
  });
});

describe('recordings that many listen to at once', () => {
  const SIZE = 16 * MIB;
  /** More than may listen, for one that is answered at once may hold a place while another comes. */
  const LISTENERS = 140;
  /** A listener that takes nothing: its connection is never read. */
  const silent = async (url: URL): Promise<Socket> => {
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.write(head('GET', path, world.token));
    return socket;
  };
  const listeners: Socket[] = [];
  afterEach(() => {
    for (const socket of listeners.splice(0)) socket.destroy();
  });
  const untilAnswered = (status: number): Promise<unknown> =>
    waitFor(
      `a listener is answered ${status}`,
      async () => (await world.call('GET', path, { headers: { range: 'bytes=0-0' } })).statusCode,
      (seen) => seen === status,
      { everyMs: 5 },
    );

  it('are bounded, so that others get to their store; one that goes makes room', async () => {
    await stored(world, '9876', 'm1', { bytes: Buffer.alloc(SIZE, 'a') });
    const url = await world.listen();
    for (let count = 0; count < LISTENERS; count += 1) listeners.push(await silent(url));
    await untilAnswered(503);
    expect((await world.call('GET', '/v1/mailboxes/9876/messages/m1')).statusCode).toBe(200);
    for (const socket of listeners.slice(0, LISTENERS / 2)) socket.destroy();
    expect(await untilAnswered(206)).toBe(206);
  });

  it('are let go of when their listeners take nothing for a minute', async () => {
    await stored(world, '9876', 'm1', { bytes: Buffer.alloc(SIZE, 'a') });
    const url = await world.listen();
    for (let count = 0; count < LISTENERS; count += 1) listeners.push(await silent(url));
    await untilAnswered(503);
    await world.clock.advance(60_000);
    expect(await untilAnswered(206)).toBe(206);
  });
});
