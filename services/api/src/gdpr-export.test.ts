import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { readRecord, TOPICS, type GdprRequestData, type GdprRequestView } from '@voicemail/contracts';
import { around, StoreError, type ObjectReader, type ObjectStore } from '@voicemail/object-store';
import { readZip, waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { head } from './world/raw-call.ts';
import { openWorld, type World } from './world/world.ts';

const CALLER = '+15551212000';
const DAY_MS = 86_400_000;
const MIB = 1024 * 1024;
const PACKAGE = '/v1/gdpr/requests/e1/export';
const { signal } = new AbortController();

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const now = (): string => new Date(world.clock.now()).toISOString();

async function take(requestId: string, operation: GdprRequestData['operation'], phone = CALLER): Promise<void> {
  const request = { tenant: 't100', requestId, operation, consumers: [{ phone }], requestedAt: now() };
  await world.gdpr.take(world.stores, request, now());
}

/** Works until nothing is left to do. Time passes faster here than stores answer: one may seem to be down. */
async function work(): Promise<void> {
  while ((await world.whileTimePasses(world.gdpr.work(world.stores, signal))) === 'later');
}

async function exported(): Promise<void> {
  await take('e1', 'exportme');
  await work();
}

describe('the call for an export', () => {
  it('counts for a dry run, and appends nothing', async () => {
    await stored(world, '9876', 'm1');
    const body = { consumer: [{ phone: CALLER }, { name: 'A. Caller' }] };
    const answer = await world.call('POST', '/v1/gdpr/exportme?dryRun=true', { body });
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { operation: 'exportme', status: 'dry-run', callers: { [CALLER]: { messages: 1 } } },
    ]);
    expect(await world.records(TOPICS.gdprRequests)).toEqual([]);
  });

  it('appends one request for one key, which says where its package is once it is exported', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const headers = { 'idempotency-key': 'once' };
    const ask = () =>
      world.call('POST', '/v1/gdpr/exportme', { headers, body: { consumer: [{ phone: '(555) 121-2000' }] } });
    const first = await ask();
    expect(first.statusCode).toBe(202);
    expect(first.json<{ links: object }>().links).toEqual({ self: first.headers['location'] });
    const [record] = await world.records(TOPICS.gdprRequests);
    if (record === undefined) throw new Error('a request was appended');
    const event = readRecord(TOPICS.gdprRequests, record);
    if (event.kind !== 'gdpr-request') throw new TypeError('it is a request');
    expect(event.data.operation).toBe('exportme');
    await world.gdpr.take(world.stores, event.data, now());
    await work();
    const again = await ask();
    const self = String(first.headers['location']);
    expect([again.statusCode, again.json()]).toMatchObject([
      200,
      { status: 'exported', callers: { '(555) 121-2000': { messages: 1 } }, links: { self, export: `${self}/export` } },
    ]);
    expect(await world.records(TOPICS.gdprRequests)).toHaveLength(1);
    const statuses = (await world.records(TOPICS.gdprStatus)).map(({ value }) => String(Buffer.from(value ?? [])));
    expect(statuses.at(-1)).toContain('"status":"exported"');
    expect(statuses.join()).not.toContain('5551212000');
  });
});

describe('the package', () => {
  it('comes as a ZIP to be kept by nobody on the way', async () => {
    await stored(world, '9876', 'm1');
    await stored(world, '9876', 'm2', { region: 'westeurope' });
    await exported();
    const answer = await world.call('GET', PACKAGE);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/zip',
      'cache-control': 'private, no-store',
      'content-disposition': 'attachment; filename="e1.zip"',
      'x-content-type-options': 'nosniff',
    });
    const files = await readZip(answer.rawPayload);
    expect(files.map(({ name }) => name).toSorted()).toEqual(['index.html', 'index.json', 'm1.wav', 'm2.wav']);
    expect(world.logged.join()).not.toContain('5551212000');
  });

  it('is 404 for what is no export, 409 for one that is not exported yet', async () => {
    expect((await world.call('GET', PACKAGE)).statusCode).toBe(404);
    await take('f1', 'forgetme');
    expect((await world.call('GET', PACKAGE.replace('e1', 'f1'))).statusCode).toBe(404);
    await take('e1', 'exportme');
    const early = await world.call('GET', PACKAGE);
    expect([early.statusCode, early.headers['content-type']]).toEqual([409, 'application/problem+json']);
    await work();
    expect((await world.call('GET', PACKAGE)).statusCode).toBe(200);
  });

  it('of callers who are nobody is a package of nothing', async () => {
    await stored(world, '9876', 'm1');
    await take('e1', 'exportme', 'anonymous');
    await work();
    const answer = await world.call('GET', PACKAGE);
    expect(answer.statusCode).toBe(200);
    expect((await readZip(answer.rawPayload)).map(({ name }) => name)).toEqual(['index.json', 'index.html']);
  });

  it('is 410 once its caller is erased, and the request names nobody then', async () => {
    await stored(world, '9876', 'm1');
    await exported();
    await take('f1', 'forgetme');
    await work();
    expect((await world.call('GET', PACKAGE)).statusCode).toBe(200);
    await world.clock.advance(DAY_MS);
    await world.whileTimePasses(world.gdpr.runRule(world.stores, signal));
    await work();
    const answer = await world.call('GET', PACKAGE);
    expect(answer.statusCode).toBe(410);
    const request = (await world.call('GET', '/v1/gdpr/requests/e1')).json<GdprRequestView>();
    expect(request).toMatchObject({ status: 'exported', callers: { 'caller-1': { messages: 1 } } });
    expect(request.links.export).toBeUndefined();
  });
});

describe('a region that fails', () => {
  /** Gives what a recording begins with, and no more. */
  const breaking = (isDown: () => boolean, first: number) => (store: ObjectStore) => ({
    ...around(store, { call: (_operation, _key, run) => run(), items: (_operation, _prefix, run) => run() }),
    get: async (...asked: Parameters<ObjectStore['get']>): Promise<ObjectReader | null> => {
      const reader = await store.get(...asked);
      if (!isDown() || reader === null || !asked[0].includes('/media.')) return reader;
      return { info: reader.info, body: beginning(reader, first) };
    },
  });
  async function* beginning({ body }: ObjectReader, count: number): AsyncGenerator<Uint8Array> {
    let given = 0;
    for await (const chunk of body) {
      if (given === count) throw new StoreError('unavailable', 'get', null, 'the region went down');
      yield chunk;
      given += 1;
    }
  }

  it.each([
    ['before anything was answered makes the package 503', 0],
    ['in the middle breaks the connection: what came does not look whole', 3],
  ])('%s', async (_name, chunks) => {
    await world.close();
    let isDown = false;
    world = await openWorld({ store: breaking(() => isDown, chunks) });
    await stored(world, '9876', 'm1', { bytes: Buffer.alloc(4 * MIB, 'sound ') });
    await exported();
    isDown = true;
    const url = new URL(PACKAGE, await world.listen());
    const answer = await fetch(url, { headers: { authorization: `Bearer ${world.token}` } });
    expect(answer.status).toBe(chunks === 0 ? 503 : 200);
    const body = answer.arrayBuffer();
    if (chunks > 0) await expect(body).rejects.toThrow('terminated');
    else await body;
  });
});

describe('a slow reader', () => {
  /** Recordings that were opened, and let go of. */
  const seen = { opened: 0, closed: 0 };
  const watched = (store: ObjectStore): ObjectStore => ({
    ...around(store, { call: (_operation, _key, run) => run(), items: (_operation, _prefix, run) => run() }),
    get: async (key, options) => {
      const reader = await store.get(key, options);
      if (reader === null || !key.includes('/media.')) return reader;
      seen.opened += 1;
      return { info: reader.info, body: counted(reader.body) };
    },
  });
  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } finally {
      seen.closed += 1;
    }
  }
  const silent = async (): Promise<Socket> => {
    const url = await world.listen();
    const socket = connect(Number(url.port), url.hostname);
    await once(socket, 'connect');
    socket.pause();
    socket.write(head('GET', PACKAGE, world.token));
    return socket;
  };
  const untilStill = async (): Promise<void> => {
    let before = -1;
    await waitFor(
      'nothing more is opened',
      () => {
        const isStill = seen.opened > 0 && seen.opened === before;
        before = seen.opened;
        return isStill;
      },
      Boolean,
      { everyMs: 300 },
    );
  };
  beforeEach(async () => {
    await world.close();
    world = await openWorld({ store: watched });
    Object.assign(seen, { opened: 0, closed: 0 });
  });

  it('holds the stores back, and not what it does not read in memory', async () => {
    const count = 100;
    for (let index = 0; index < count; index += 1) {
      await stored(world, '9876', `m${index}`, { bytes: Buffer.alloc(MIB / 4, 'sound ') });
    }
    await exported();
    const socket = await silent();
    await untilStill();
    expect(seen.opened).toBeLessThan(count);
    socket.destroy();
    await waitFor('every store is let go of', () => seen.closed === seen.opened);
  });

  it('of a large recording has it open alone, and lets go of it when it goes', async () => {
    for (const id of ['m1', 'm2', 'm3']) await stored(world, '9876', id, { bytes: Buffer.alloc(16 * MIB, 'sound ') });
    await exported();
    const socket = await silent();
    await untilStill();
    expect([seen.opened, seen.closed]).toEqual([1, 0]);
    socket.destroy();
    await waitFor('the store is let go of', () => seen.closed === 1);
  });

  it('counts as many as it may fetch at once among those who listen, so that many leave others their stores', async () => {
    await stored(world, '9876', 'm1', { bytes: Buffer.alloc(16 * MIB, 'sound ') });
    await exported();
    const url = await world.listen();
    const sockets: Socket[] = [];
    try {
      for (let index = 0; index < 17; index += 1) {
        const socket = connect(Number(url.port), url.hostname);
        await once(socket, 'connect');
        socket.pause();
        socket.write(head('GET', PACKAGE, world.token));
        sockets.push(socket);
      }
      await waitFor('as many as may are read', () => seen.opened === 16);
      expect((await world.call('GET', '/v1/mailboxes/9876/messages/m1/media')).statusCode).toBe(503);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await waitFor('all are let go of', () => seen.closed === 16);
    expect((await world.call('GET', '/v1/mailboxes/9876/messages/m1')).statusCode).toBe(200);
  });
});
