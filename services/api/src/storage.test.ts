import { readMessage } from '@voicemail/message-store';
import { withFaults, type ObjectStore } from '@voicemail/object-store';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { openWorld, type World } from './world/world.ts';

const COPY = '/v1/operations/storage-copy';
const REINDEX = '/v1/operations/storage-reindex';
const body = { from: 'westeurope', to: 'westus2', tenant: 't100' };

let world: World;
/** Called before each call of a store; a test may hold it up. */
let before: (operation: string, key: string | null) => Promise<unknown>;
beforeEach(async () => {
  before = async () => undefined;
  const layer = (store: ObjectStore): ObjectStore =>
    withFaults(store, async ({ moment, operation, key }) => {
      if (moment === 'before') await before(operation, key);
    });
  world = await openWorld({ store: layer });
});
afterEach(() => world.close());

/** Looks until the work is over. */
const untilDone = (path: string) =>
  waitFor(
    'the work is done',
    async () => (await world.call('GET', path)).json(),
    ({ state }) => state !== 'running',
  );
const copy = async () => {
  expect((await world.call('POST', COPY, { body })).statusCode).toBe(202);
  return untilDone(COPY);
};

describe('a copy of the storage', () => {
  it('goes on by itself, and tells what it did', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const begun = await world.call('POST', COPY, { body });
    expect(begun.statusCode).toBe(202);
    expect(begun.headers['location']).toBe(COPY);
    expect(begun.json()).toMatchObject({ from: 'westeurope', to: 'westus2', items: [{ tenant: 't100' }] });
    const done = await untilDone(COPY);
    expect(done).toMatchObject({ state: 'done', reason: null, items: [{ moved: 1, failed: 0, isComplete: true }] });
    expect((await readMessage(world.stores, '9876', 'm1'))?.value.region).toBe('westus2');
  });

  it('changes no ETag of a recording, and none of what the message is', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const read = async () => (await world.call('GET', '/v1/mailboxes/9876/messages/m1')).json();
    const path = '/v1/mailboxes/9876/messages/m1/media';
    const [message, recording] = [await read(), await world.call('GET', path)];
    await copy();
    expect(await read()).toEqual({ ...message, region: 'westus2' });
    const moved = await world.call('GET', path);
    expect([moved.body, moved.headers['etag']]).toEqual([recording.body, recording.headers['etag']]);
  });

  it.each(['GET', 'HEAD'] as const)(
    'between a look at a message and its recording goes unnoticed by %s',
    async (method) => {
      await stored(world, '9876', 'm1', { region: 'westeurope' });
      let isFirst = true;
      before = async (operation, key) => {
        if (!isFirst || operation !== 'get' || key?.endsWith('media.wav') !== true) return;
        isFirst = false;
        await copy();
      };
      const answer = await world.call(method, '/v1/mailboxes/9876/messages/m1/media');
      expect(isFirst).toBe(false);
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['content-length']).toBe('16');
    },
  );

  it('is joined by who asks for the same, and keeps other work waiting', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const held = Promise.withResolvers<void>();
    before = () => held.promise;
    await world.call('POST', COPY, { body });
    expect((await world.call('POST', COPY, { body })).statusCode).toBe(202);
    expect((await world.call('POST', COPY, { body: { ...body, from: 'westus2', to: 'westeurope' } })).statusCode).toBe(
      409,
    );
    expect((await world.call('POST', REINDEX)).statusCode).toBe(409);
    expect((await world.call('GET', COPY)).json()).toMatchObject({ state: 'running', endedAt: null });
    held.resolve();
    expect(await untilDone(COPY)).toMatchObject({ state: 'done' });
    expect((await world.call('POST', REINDEX)).statusCode).toBe(202);
    await untilDone(REINDEX);
  });

  it('that meets a region which is down says so, and goes on when it is asked for again', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    before = async (operation) => {
      if (operation === 'check') throw new Error('the volume is gone');
    };
    expect(await copy()).toMatchObject({ state: 'failed', reason: 'It failed; the log of the server says why.' });
    before = async () => undefined;
    expect(await copy()).toMatchObject({ state: 'done', items: [{ moved: 1, isComplete: true }] });
  });

  it.each([
    [{ ...body, to: 'nowhere' }, 'No tenant has both regions: t100 has westus2, westeurope.'],
    [{ ...body, to: 'westeurope' }, 'The two regions are the same one.'],
    [{ ...body, tenant: 'nobody' }, 'There is no such tenant.'],
  ])('is refused for %j', async (faulty, detail) => {
    const answer = await world.call('POST', COPY, { body: faulty });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ detail });
    expect((await world.call('GET', COPY)).statusCode).toBe(404);
  });

  it('is of every tenant that has both regions, unless one is named', async () => {
    const { tenant: _tenant, ...all } = body;
    await world.call('POST', COPY, { body: all });
    expect(await untilDone(COPY)).toMatchObject({ items: [{ tenant: 't100' }, { tenant: 't200' }] });
  });
});

describe('a reindex', () => {
  it('goes on by itself, for every tenant, and tells what it did', async () => {
    await stored(world, '9876', 'm1');
    expect((await world.call('GET', REINDEX)).statusCode).toBe(404);
    expect((await world.call('POST', REINDEX)).statusCode).toBe(202);
    const items = [
      { tenant: 't100', failed: 0 },
      { tenant: 't200', failed: 0 },
    ];
    expect(await untilDone(REINDEX)).toMatchObject({ state: 'done', reason: null, items });
  });
});
