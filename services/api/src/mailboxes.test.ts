import { readRecord, TOPICS } from '@voicemail/contracts';
import { changeMailbox, deleteMessage } from '@voicemail/message-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answered, stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const at = (second: number): string => new Date(START + second * 1_000).toISOString();
const provisioned = (mailbox: string, owner = 'agent-1'): Promise<unknown> =>
  changeMailbox(world.stores, mailbox, { kind: 'personal', owner, status: 'active' }, { time: at(-60), id: 'e0' });
const counted = async (mailbox: string): Promise<void> => {
  const ref = { tenant: 't100', mailbox };
  const entries = [{ messageId: 'm1', revision: 1, state: 'new' as const, urgent: true }];
  await world.mwi.mergeRecount(ref, await world.mwi.beginRecount(ref), { entries });
};
const get = async (path: string): Promise<unknown> => (await world.call('GET', path)).json();

describe('a mailbox', () => {
  it('is shown with its settings and counts', async () => {
    await provisioned('9876');
    await counted('9876');
    expect(await get('/v1/mailboxes/9876')).toEqual({
      tenant: 't100',
      mailbox: '9876',
      counts: { new: 1, old: 0, urgentNew: 1, urgentOld: 0, stale: false },
      settings: { kind: 'personal', owner: 'agent-1', status: 'active' },
    });
  });

  it('that nobody provisioned is there once it holds a message', async () => {
    expect((await world.call('GET', '/v1/mailboxes/42')).statusCode).toBe(404);
    await stored(world, '42', 'm1');
    expect(await get('/v1/mailboxes/42')).toMatchObject({ mailbox: '42', settings: null });
  });

  it('that was never counted has no counts, which is not zero', async () => {
    await provisioned('9876');
    expect(await get('/v1/mailboxes/9876')).toMatchObject({ counts: null });
  });

  it('whose counts are not known now has the last good ones, marked stale', async () => {
    await provisioned('9876');
    await counted('9876');
    await world.mwi.invalidate('t100');
    expect(await get('/v1/mailboxes/9876')).toMatchObject({ counts: { new: 1, stale: true } });
  });

  it('that was removed is there while it holds a message', async () => {
    await provisioned('9876');
    await stored(world, '9876', 'm1');
    await changeMailbox(world.stores, '9876', null, { time: at(1), id: 'e1' });
    expect(await get('/v1/mailboxes/9876')).toMatchObject({ settings: null });
    await deleteMessage(world.stores, '9876', 'm1', 'user', at(2));
    expect((await world.call('GET', '/v1/mailboxes/9876')).statusCode).toBe(404);
    expect(await get('/v1/mailboxes')).toEqual({ items: [] });
  });
});

describe('the list of mailboxes', () => {
  const numbers = (body: unknown): string[] =>
    (body as { items: { mailbox: string }[] }).items.map(({ mailbox }) => mailbox);
  const cursorOf = (body: unknown): string | undefined => (body as { next?: string }).next;

  it('is in order of their numbers, page by page, and ends', async () => {
    for (const mailbox of ['10', '9', '100', '2']) await provisioned(mailbox);
    const first = await get('/v1/mailboxes?limit=2');
    expect(numbers(first)).toEqual(['2', '9']);
    const second = await get(`/v1/mailboxes?limit=2&cursor=${cursorOf(first)}`);
    expect(numbers(second)).toEqual(['10', '100']);
    expect(cursorOf(second)).toBeUndefined();
  });

  it('goes on where it was when mailboxes come and go', async () => {
    for (const mailbox of ['1', '3', '5', '7']) await provisioned(mailbox);
    const first = await get('/v1/mailboxes?limit=2');
    await provisioned('2');
    await provisioned('4');
    await changeMailbox(world.stores, '3', null, { time: at(1), id: 'e1' });
    expect(numbers(await get(`/v1/mailboxes?cursor=${cursorOf(first)}`))).toEqual(['4', '5', '7']);
  });

  it('has full pages where removed ones lie between', async () => {
    for (let mailbox = 1; mailbox <= 80; mailbox += 1) await provisioned(String(mailbox));
    for (let mailbox = 1; mailbox <= 70; mailbox += 1) {
      await changeMailbox(world.stores, String(mailbox), null, { time: at(1), id: 'e1' });
    }
    expect(numbers(await get('/v1/mailboxes?limit=5'))).toEqual(['71', '72', '73', '74', '75']);
  });

  it.each([
    'bm8',
    Buffer.from('{"place":null}').toString('base64url'),
    Buffer.from('[null]').toString('base64url'),
    '!!',
  ])('takes no cursor that is not its own: %s', async (cursor) => {
    const answer = await world.call('GET', `/v1/mailboxes?cursor=${cursor}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ faults: [{ path: 'query.cursor' }] });
  });
});

describe('provisioning', () => {
  const body = { kind: 'group', members: ['agent-1', 'agent-2'], displayName: 'Sales' };
  const put = (given: object = body) => world.call('PUT', '/v1/mailboxes/9876', { body: given });

  it('is an event, and 201 with the mailbox when it is in force', async () => {
    const answer = await answered(world, put());
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['location']).toBe('/v1/mailboxes/9876');
    expect(answer.json()).toMatchObject({ mailbox: '9876', settings: { ...body, status: 'active' } });
    const [record] = await world.records(TOPICS.mailboxes);
    expect(record?.key).toBe('t100/9876');
    expect(readRecord(TOPICS.mailboxes, record!)).toMatchObject({
      kind: 'mailbox',
      data: { tenant: 't100', mailbox: '9876' },
    });
  });

  it('again replaces the settings as a whole, and is 200', async () => {
    await answered(world, put());
    const answer = await answered(world, put({ kind: 'personal', owner: 'agent-3' }));
    expect(answer.statusCode).toBe(200);
    expect(answer.json<{ settings: unknown }>().settings).toEqual({
      kind: 'personal',
      owner: 'agent-3',
      status: 'active',
    });
  });

  it('is 202 with its event when that is not in force 2 s later by the clock', async () => {
    const answer = await world.whileTimePasses(put());
    expect(answer.statusCode).toBe(202);
    expect(world.clock.now() - START).toBeGreaterThanOrEqual(2_000);
    const [record] = await world.records(TOPICS.mailboxes);
    const { id } = readRecord(TOPICS.mailboxes, record!);
    expect(answer.json()).toEqual({ id, topic: TOPICS.mailboxes, partition: 0, offset: 0 });
  });

  it('wins over settings whose time is ahead of the clock', async () => {
    await changeMailbox(world.stores, '9876', { kind: 'personal', status: 'locked' }, { time: at(3_600), id: 'z' });
    const answer = await answered(world, put());
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ settings: { kind: 'group' } });
  });
});

describe('removing a mailbox', () => {
  const remove = () => world.call('DELETE', '/v1/mailboxes/9876');

  it('is a tombstone, and 204 when it is in force', async () => {
    await provisioned('9876');
    const answer = await answered(world, remove());
    expect(answer.statusCode).toBe(204);
    expect(answer.body).toBe('');
    expect(await world.records(TOPICS.mailboxes)).toMatchObject([{ key: 't100/9876', value: null }]);
    expect((await remove()).statusCode).toBe(404);
  });

  it('is 202 when that takes longer', async () => {
    await provisioned('9876');
    expect((await world.whileTimePasses(remove())).statusCode).toBe(202);
  });

  it('that nobody provisioned is 404, and no event', async () => {
    await stored(world, '9876', 'm1');
    expect((await remove()).statusCode).toBe(404);
    expect(await world.records(TOPICS.mailboxes)).toEqual([]);
  });
});
