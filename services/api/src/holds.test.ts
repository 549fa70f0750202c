import { readHoldNumber } from '@voicemail/message-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

const CALLER = '+15551212000';
const DAY_MS = 86_400_000;
let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

interface Hold {
  readonly id: string;
  readonly phone?: string;
  readonly inForce: boolean;
}
interface List {
  readonly items: readonly Hold[];
  readonly next?: string;
}
const later = new Date(START + DAY_MS).toISOString();
const place = async (body: object): Promise<Hold> => {
  const answer = await world.call('POST', '/v1/holds', { body: { reason: 'case 4711', ...body } });
  expect(answer.statusCode).toBe(201);
  return answer.json<Hold>();
};
const list = async (query = ''): Promise<List> => (await world.call('GET', `/v1/holds${query}`)).json<List>();

describe('a hold', () => {
  it('on a caller is 201 with its place, is listed with the number as it was sent, and is gone when released', async () => {
    const answer = await world.call('POST', '/v1/holds', {
      body: { phone: '(555) 121-2000', reason: 'case 4711', until: later },
    });
    const hold = answer.json<Hold>();
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toBe(`/v1/holds/${hold.id}`);
    expect(hold).toEqual({
      id: expect.stringMatching(/^hold-/),
      tenant: 't100',
      phone: '(555) 121-2000',
      reason: 'case 4711',
      until: later,
      placedAt: new Date(START).toISOString(),
      inForce: true,
      links: { self: `/v1/holds/${hold.id}` },
    });
    expect(await list()).toEqual({ items: [hold] });
    expect((await world.call('GET', `/v1/holds/${hold.id}`)).json()).toEqual(hold);
    expect((await world.call('DELETE', `/v1/holds/${hold.id}`)).statusCode).toBe(204);
    expect(await list()).toEqual({ items: [] });
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await world.call(method, `/v1/holds/${hold.id}`)).statusCode).toBe(404);
    }
  });

  it('on a message names it, and no number', async () => {
    const hold = await place({ mailbox: '9876', messageId: 'm1' });
    expect(hold).toMatchObject({ mailbox: '9876', messageId: 'm1', until: null });
    expect(hold).not.toHaveProperty('phone');
  });

  it('whose time is over stays in the list as such; the list comes in pages, newest first', async () => {
    const first = await place({ phone: CALLER, until: later });
    const second = await place({ phone: CALLER });
    await world.clock.advance(DAY_MS);
    const page = await list('?limit=1');
    expect(page.items).toMatchObject([{ id: second.id, inForce: true }]);
    expect(await list(`?limit=1&cursor=${page.next}`)).toEqual({ items: [{ ...first, inForce: false }] });
  });

  it('has a list of its own: its cursor is no place in that of the requests', async () => {
    await place({ phone: CALLER });
    await place({ phone: CALLER });
    const { next } = await list('?limit=1');
    const answer = await world.call('GET', `/v1/gdpr/requests?cursor=${next}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ faults: [{ path: 'query.cursor' }] });
  });

  it('keeps the number in one document, apart from the ledger and from every log line', async () => {
    const { id } = await place({ phone: CALLER });
    expect(await readHoldNumber(world.stores, id)).toBe(CALLER);
    const { store } = world.stores.master;
    for await (const { key } of store.list('t100/gdpr/ledger/')) {
      const read = await store.get(key);
      expect(Buffer.concat(await Array.fromAsync(read?.body ?? [])).toString()).not.toContain('5551212000');
    }
    expect(world.logged.join('')).not.toContain('5551212000');
  });
});

it.each([
  [{}, ['', 'reason']],
  [{ reason: ' ' }, ['', 'reason']],
  [{ phone: '', reason: '', until: 'tomorrow' }, ['phone', 'reason', 'until']],
  [{ phone: 'anonymous', reason: 'why', until: new Date(START).toISOString() }, ['phone', 'until']],
  [{ phone: CALLER, mailbox: '9876', messageId: 'm1', reason: 'why' }, ['']],
  [{ phone: CALLER, messageId: 'm1', reason: 'why' }, ['']],
  [{ mailbox: '9876', reason: 'why' }, ['']],
  [{ mailbox: '0', messageId: '..', reason: 7 }, ['mailbox', 'messageId', 'reason']],
])('of %j every fault is told, and nothing is held', async (body, paths) => {
  const answer = await world.call('POST', '/v1/holds', { body });
  expect(answer.statusCode).toBe(400);
  const faults = answer.json<{ faults: { path: string }[] }>().faults.map(({ path }) => path);
  expect([...new Set(faults)].toSorted()).toEqual(paths);
  expect(await list()).toEqual({ items: [] });
});

it('a hold makes the request of its caller held, which says until when, and goes on when it is released', async () => {
  await stored(world, '9876', 'm1');
  const at = new Date(START).toISOString();
  const asked = { tenant: 't100', requestId: 'f1', operation: 'forgetme', requestedAt: at } as const;
  await world.gdpr.take(world.stores, { ...asked, consumers: [{ phone: CALLER }] }, at);
  await world.whileTimePasses(world.gdpr.work(world.stores, new AbortController().signal));
  const open = await place({ phone: CALLER, until: new Date(START + 10 * DAY_MS).toISOString() });
  await world.clock.advance(2 * DAY_MS);
  const run = async (): Promise<object> =>
    (await world.whileTimePasses(world.call('POST', '/v1/operations/forget-run', { body: {} }))).json();
  const request = async (): Promise<object> => (await world.call('GET', '/v1/gdpr/requests/f1')).json();
  expect(await request()).not.toHaveProperty('heldUntil');
  expect(await run()).toMatchObject({ deleted: 0, kept: 1 });
  expect(await request()).toMatchObject({ status: 'held', heldUntil: new Date(START + 10 * DAY_MS).toISOString() });
  await place({ mailbox: '9876', messageId: 'm1' });
  await run();
  expect(await request()).toMatchObject({ status: 'held', heldUntil: null });
  expect((await world.call('GET', '/v1/gdpr/requests?status=held')).json()).toMatchObject({
    items: [{ requestId: 'f1' }],
  });
  for (const { id } of (await list()).items) await world.call('DELETE', `/v1/holds/${id}`);
  expect(open.inForce).toBe(true);
  expect(await run()).toMatchObject({ deleted: 1, kept: 0 });
  expect(await request()).not.toHaveProperty('heldUntil');
});
