import { deleteMessage } from '@voicemail/message-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

interface List {
  readonly items: readonly { readonly messageId: string }[];
  readonly next?: string;
}
const list = async (query = ''): Promise<List> =>
  (await world.call('GET', `/v1/mailboxes/9876/messages${query}`)).json();
const idsOf = ({ items }: List): readonly string[] => items.map(({ messageId }) => messageId);

describe('the messages of a mailbox', () => {
  it('come newest first, of one time by id, page by page', async () => {
    for (const [id, second] of [
      ['b', 5],
      ['a', 5],
      ['c', 1],
      ['d', 9],
    ] as const)
      await stored(world, '9876', id, { second });
    const first = await list('?limit=2');
    expect(idsOf(first)).toEqual(['d', 'b']);
    const second = await list(`?limit=2&cursor=${first.next}`);
    expect(idsOf(second)).toEqual(['a', 'c']);
    expect(second.next).toBeUndefined();
  });

  it('come each once when others come and go between two pages', async () => {
    for (let second = 1; second <= 6; second += 1) await stored(world, '9876', `m${second}`, { second });
    const first = await list('?limit=3');
    expect(idsOf(first)).toEqual(['m6', 'm5', 'm4']);
    await stored(world, '9876', 'newer', { second: 60 });
    await deleteMessage(world.stores, '9876', 'm4', 'user', new Date(START).toISOString());
    expect(idsOf(await list(`?limit=3&cursor=${first.next}`))).toEqual(['m3', 'm2', 'm1']);
  });

  it('have a cursor that is no place in another list', async () => {
    for (const id of ['m1', 'm2']) await stored(world, '9876', id);
    const { next } = await list('?limit=1');
    for (const other of ['/v1/mailboxes/42/messages', '/v1/dead-letters']) {
      const answer = await world.call('GET', `${other}?cursor=${next}`);
      expect([other, answer.statusCode]).toEqual([other, 400]);
      expect(answer.json()).toMatchObject({ faults: [{ path: 'query.cursor' }] });
    }
  });

  it('can be asked for by their state', async () => {
    await stored(world, '9876', 'm1');
    expect(idsOf(await list('?state=new'))).toEqual(['m1']);
    expect(idsOf(await list('?state=old'))).toEqual([]);
  });

  it('are those of that mailbox and tenant alone, and none that were deleted', async () => {
    await stored(world, '9876', 'mine');
    await stored(world, '9876', 'gone');
    await stored(world, '987', 'other');
    await deleteMessage(world.stores, '9876', 'gone', 'user', new Date(START).toISOString());
    expect(idsOf(await list())).toEqual(['mine']);
  });

  it('of a mailbox that nobody knows are none', async () => {
    expect(await list()).toEqual({ items: [] });
  });

  it.each(['limit=0', 'limit=1001', 'limit=x', 'state=gone', 'limit=1&limit=2'])(
    'are not to be had for %s',
    async (query) => {
      expect((await world.call('GET', `/v1/mailboxes/9876/messages?${query}`)).statusCode).toBe(400);
    },
  );
});

describe('a message', () => {
  const get = (headers: Readonly<Record<string, string>> = {}) =>
    world.call('GET', '/v1/mailboxes/9876/messages/m1', { headers });

  it('has the fields of its metadata, and an entity tag', async () => {
    await stored(world, '9876', 'm1', { region: 'westeurope' });
    const answer = await get();
    expect(answer.json()).toEqual({
      tenant: 't100',
      mailbox: '9876',
      messageId: 'm1',
      callerId: '+15551212000',
      state: 'new',
      priority: 'normal',
      private: false,
      durationMs: 1_000,
      region: 'westeurope',
      revision: 1,
      depositedAt: '2026-03-02T10:00:00.000Z',
      time: '2026-03-02T10:00:00.000Z',
      modifiedAt: '2026-03-02T10:00:00.000Z',
      media: {
        key: 't100/mailboxes/9876/messages/m1/media.wav',
        contentType: 'audio/wav',
        size: 16,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(answer.headers['etag']).toMatch(/^"[\x21\x23-\x7e]+"$/);
    expect(answer.headers['cache-control']).toMatch(/private/);
  });

  it('is 304 for who has it as it is', async () => {
    await stored(world, '9876', 'm1');
    const etag = String((await get()).headers['etag']);
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': tag });
      expect({ tag, status: answer.statusCode }).toEqual({ tag, status: 304 });
      expect(answer.body).toBe('');
      expect(answer.headers['etag']).toBe(etag);
    }
    expect((await get({ 'if-none-match': '"other"' })).statusCode).toBe(200);
  });

  it('that is not there, or not any more, is 404', async () => {
    expect((await get()).statusCode).toBe(404);
    await stored(world, '9876', 'm1');
    await deleteMessage(world.stores, '9876', 'm1', 'user', new Date(START).toISOString());
    expect((await get()).statusCode).toBe(404);
  });
});
