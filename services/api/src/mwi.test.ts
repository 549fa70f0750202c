import { changeMailbox } from '@voicemail/message-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const asOf = new Date(START).toISOString();
async function counted(
  tenant: string,
  mailbox: string,
  users: readonly string[],
  kind: 'personal' | 'group',
): Promise<void> {
  const ref = { tenant, mailbox };
  const settings = { revision: 1, kind, users, status: 'active' as const, maxMessages: 2, displayName: null };
  const entries = [
    { messageId: 'a', revision: 1, state: 'new' as const, urgent: true },
    { messageId: 'b', revision: 1, state: 'old' as const, urgent: false },
  ];
  await world.mwi.mergeRecount(ref, await world.mwi.beginRecount(ref), { entries, settings });
}
const get = (path: string) => world.call('GET', path);

describe('the lamp of a mailbox', () => {
  it('is its whole state', async () => {
    await counted('t100', '9876', ['agent-1'], 'personal');
    expect((await get('/v1/mwi/9876')).json()).toEqual({
      tenant: 't100',
      mailbox: '9876',
      kind: 'personal',
      users: ['agent-1'],
      messagesWaiting: true,
      new: 1,
      old: 1,
      urgentNew: 1,
      urgentOld: 0,
      full: true,
      stale: false,
      asOf,
      revision: START,
      messageSummary:
        'Messages-Waiting: yes\r\nMessage-Account: sip:9876@voice.example.com\r\nVoice-Message: 1/1 (1/0)\r\n',
    });
  });

  it('is the last good one, marked stale, while it cannot be confirmed', async () => {
    await counted('t100', '9876', [], 'personal');
    await world.mwi.invalidate('t100');
    expect((await get('/v1/mwi/9876')).json()).toMatchObject({ new: 1, old: 1, stale: true });
  });

  it('of a mailbox that was never seen, or is another tenant’s, is 404', async () => {
    await counted('t200', '9876', [], 'personal');
    expect((await get('/v1/mwi/9876')).statusCode).toBe(404);
  });

  it('of a mailbox that the stores know and that is not counted is 503, with a time to try again', async () => {
    await stored(world, '9876', 'm1');
    const order = { time: asOf, id: 'e1' };
    await changeMailbox(world.stores, '42', { kind: 'group', members: ['agent-1'], status: 'active' }, order);
    for (const mailbox of ['9876', '42']) {
      const answer = await world.whileTimePasses(get(`/v1/mwi/${mailbox}`));
      expect([answer.statusCode, Number(answer.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
    }
  });

  it('of a mailbox whose first message was stored a moment ago is there when it is counted', async () => {
    await stored(world, '9876', 'm1');
    const asked = get('/v1/mwi/9876');
    await world.clock.advance(100);
    await counted('t100', '9876', [], 'personal');
    expect((await world.whileTimePasses(asked)).statusCode).toBe(200);
  });

  it('is 503 while the counts cannot be had', async () => {
    const { mwi } = world;
    await mwi.close();
    const answer = await get('/v1/mwi/9876');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
  });
});

describe('the lamps of a user', () => {
  it('are those of every mailbox that is the user’s, personally or by a group', async () => {
    await counted('t100', '10', ['agent-1', 'agent-2'], 'group');
    await counted('t100', '9', ['agent-1'], 'personal');
    await counted('t100', '8', ['agent-2'], 'personal');
    await counted('t200', '7', ['agent-1'], 'personal');
    const answer = await get('/v1/users/agent-1/mwi');
    expect(answer.json()).toMatchObject({ user: 'agent-1', accessNumber: '5555' });
    expect(answer.json<{ mailboxes: { mailbox: string }[] }>().mailboxes.map(({ mailbox }) => mailbox)).toEqual([
      '9',
      '10',
    ]);
  });

  it('of one who has no mailbox are none', async () => {
    expect((await get('/v1/users/nobody/mwi')).json()).toEqual({ user: 'nobody', accessNumber: '5555', mailboxes: [] });
  });

  it('can be asked for by any id that a user may have', async () => {
    const user = '☎/ü?'.repeat(64);
    await counted('t100', '9', [user], 'personal');
    const answer = await get(`/v1/users/${encodeURIComponent(user)}/mwi`);
    expect(answer.json()).toMatchObject({ user, mailboxes: [{ mailbox: '9' }] });
  });
});
