import { readRecord, TOPICS } from '@voicemail/contracts';
import { StoreError, withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answered, consumeChanges, stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

const path = '/v1/mailboxes/9876/messages/m1';
let world: World;
beforeEach(async () => {
  world = await openWorld();
  await stored(world, '9876', 'm1');
});
afterEach(() => world.close());

type Headers = Readonly<Record<string, string>>;
const patch = (state: string, headers: Headers = {}) => world.call('PATCH', path, { body: { state }, headers });
const remove = (headers: Headers = {}) => world.call('DELETE', path, { headers });
const forward = (toMailbox: unknown = '42') => world.call('POST', `${path}/forward`, { body: { toMailbox } });
const actions = async () =>
  (await world.records(TOPICS.messageActions)).map((record) => readRecord(TOPICS.messageActions, record));

describe('marking a message', () => {
  it.each(['application/json', 'application/merge-patch+json'])(
    'is an action, and 200 when it took effect, as %s',
    async (type) => {
      const answer = await answered(world, patch('read', { 'content-type': type }));
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toMatchObject({ messageId: 'm1', state: 'old', revision: 2 });
      expect(answer.headers['etag']).toBe((await world.call('GET', path)).headers['etag']);
      const [event, ...more] = await actions();
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        data: { tenant: 't100', mailbox: '9876', messageId: 'm1', action: 'read', at: event?.time },
      });
    },
  );

  it.each([
    ['read', 'unread', 'new'],
    ['unread', 'read', 'old'],
  ])('%s and then %s in the same millisecond ends as the later one says', async (first, last, state) => {
    const calls = [patch(first)];
    while ((await actions()).length === 0) await world.clock.advance(0);
    calls.push(patch(last));
    await answered(world, Promise.all(calls));
    const events = await actions();
    expect(events[0]?.time).toBe(events[1]?.time);
    expect((await world.call('GET', path)).json()).toMatchObject({ state });
  });

  it('is 202 with its event when it did not take effect 2 s later by the clock', async () => {
    const answer = await world.whileTimePasses(patch('read'));
    expect(answer.statusCode).toBe(202);
    expect(world.clock.now() - START).toBeGreaterThanOrEqual(2_000);
    const [event] = await actions();
    expect(answer.json()).toEqual({ id: event?.id, topic: TOPICS.messageActions, partition: 0, offset: 0 });
    await consumeChanges(world);
    expect((await world.call('GET', path)).json()).toMatchObject({ state: 'old' });
  });

  it.each([{}, { state: 'old' }, { state: null }, [], 'read'])('takes no %j', async (body) => {
    expect(
      (await world.call('PATCH', path, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }))
        .statusCode,
    ).toBe(400);
    expect(await actions()).toEqual([]);
  });
});

describe('deleting a message', () => {
  it('is an action, and 204 when it is gone', async () => {
    const answer = await answered(world, remove());
    expect(answer.statusCode).toBe(204);
    expect(answer.body).toBe('');
    expect((await world.call('GET', path)).statusCode).toBe(404);
    expect((await remove()).statusCode).toBe(404);
    expect(await actions()).toHaveLength(1);
  });

  it('is 202 when that takes longer', async () => {
    expect((await world.whileTimePasses(remove())).statusCode).toBe(202);
  });
});

describe('forwarding a message', () => {
  it('is an action, and 201 with the new message when it is there', async () => {
    const answer = await answered(world, forward());
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({ mailbox: '42', forwardedFrom: { mailbox: '9876', messageId: 'm1' } });
    const at = String(answer.headers['location']);
    const target = await world.call('GET', at);
    expect(target.json()).toEqual(answer.json());
    expect((await world.call('GET', `${at}/media`)).body).toBe('RIFF sound of m1');
  });

  it('is 202 when that takes longer', async () => {
    expect((await world.whileTimePasses(forward())).statusCode).toBe(202);
  });

  it.each(['', '0', '../1', 42, null])('takes no mailbox %j', async (toMailbox) => {
    expect((await forward(toMailbox)).statusCode).toBe(400);
    expect(await actions()).toEqual([]);
  });
});

describe('a message that was changed since it was read', () => {
  it('is not changed by who says If-Match', async () => {
    const etag = String((await world.call('GET', path)).headers['etag']);
    await answered(world, patch('read'));
    const now = String((await world.call('GET', path)).headers['etag']);
    // Of the present one a weak tag is not enough (RFC 9110 §13.1.1).
    const refused = [
      patch('unread', { 'if-match': etag }),
      remove({ 'if-match': etag }),
      remove({ 'if-match': `W/${now}` }),
    ];
    expect((await Promise.all(refused)).map(({ statusCode }) => statusCode)).toEqual([412, 412, 412]);
    expect(await actions()).toHaveLength(1);
    expect((await answered(world, remove({ 'if-match': `"x", ${now}` }))).statusCode).toBe(204);
  });
});

describe('a message that is not there', () => {
  it('is 404 for every action, and no event', async () => {
    const none = '/v1/mailboxes/9876/messages/none';
    for (const [method, at, body] of [
      ['PATCH', none, { state: 'read' }],
      ['DELETE', none, undefined],
      ['POST', `${none}/forward`, { toMailbox: '42' }],
    ] as const) {
      expect((await world.call(method, at, { body })).statusCode).toBe(404);
    }
    expect(await actions()).toEqual([]);
  });
});

it('a store that goes down after the action is durable makes it 202, not a refusal that would have it sent again', async () => {
  await world.close();
  let isDown = false;
  world = await openWorld({
    store: (store) =>
      withFaults(store, ({ operation, key }) => {
        if (isDown) throw new StoreError('unavailable', operation, key, 'the volume is not mounted');
      }),
  });
  await stored(world, '9876', 'm1');
  const waiting = patch('read');
  while ((await actions()).length === 0) await world.clock.advance(0);
  isDown = true;
  expect((await world.whileTimePasses(waiting)).statusCode).toBe(202);
  expect((await patch('read')).statusCode).toBe(503);
  expect(await actions()).toHaveLength(1);
});
