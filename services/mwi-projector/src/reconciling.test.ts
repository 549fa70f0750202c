import { UNPROVISIONED_FACTS } from '@voicemail/mwi-store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProjectedTenant } from './recount-source.ts';
import { at, openWorld, SIP_DOMAIN, TENANT, type World } from './world/world.ts';

const DRIFT = 'voicemail_mwi_drift_messages_total';
const CHECKED = 'voicemail_mwi_reconciled_mailboxes_total';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

/** Until every mailbox was compared once more. */
const checkedAgain = async (mailboxes: number): Promise<void> => {
  const before = await world.metric(CHECKED);
  await world.eventually(async () =>
    expect(await world.metric(CHECKED)).toBeGreaterThanOrEqual(before + 2 * mailboxes),
  );
};

test('messages that a store deleted behind our back leave the counts, and the drift is told', async () => {
  await world.start();
  await world.message('1', 'kept', 1);
  await world.message('1', 'vanished', 3, 'new', true);
  await world.message('1', 'stubbed', 1, 'old');
  await world.settled('1');
  world.truth.vanish('1', 'vanished');
  world.truth.put('1', { messageId: 'stubbed', revision: 2, state: 'gone', urgent: false });
  await world.settled('1');
  expect((await world.published('1')).at(-1)).toMatchObject({ new: 1, old: 0, urgentNew: 0 });
  await world.eventually(async () => expect(await world.metric(DRIFT)).toBe(2));
  expect(world.truth.asked).toContain('read 1/vanished');
});

test('a message that comes again under the id of one that vanished is counted', async () => {
  await world.start();
  await world.message('1', 'm1', 4, 'old');
  await world.settled('1');
  world.truth.vanish('1', 'm1');
  await world.settled('1');
  await world.message('1', 'm1', 1, 'new');
  await world.settled('1');
  expect((await world.published('1')).map(({ new: news, old }) => [news, old])).toEqual([
    [0, 1],
    [0, 0],
    [1, 0],
  ]);
});

test('a mailbox that vanished altogether is emptied, though no listing names it', async () => {
  await world.start();
  for (const mailbox of ['1', '2', '3']) {
    await world.message(mailbox, 'm1', 1);
    await world.settled(mailbox);
  }
  world.truth.vanishMailbox('2');
  await world.settled('2');
  expect((await world.published('2')).at(-1)).toMatchObject({ new: 0, messagesWaiting: false });
});

test('changes whose facts never came are found: messages, states, settings, whole mailboxes', async () => {
  await world.start();
  await world.message('1', 'm1', 1);
  await world.settled('1');
  world.truth.put('1', { messageId: 'm1', revision: 2, state: 'old', urgent: false });
  world.truth.put('1', { messageId: 'm2', revision: 1, state: 'new', urgent: false });
  world.truth.putSettings('1', { ...UNPROVISIONED_FACTS, revision: 1, users: ['agent-1'] });
  world.truth.put('2', { messageId: 'm1', revision: 1, state: 'new', urgent: false });
  await world.settled('1');
  await world.settled('2');
  await world.eventually(async () => expect((await world.published('1')).at(-1)?.users).toEqual(['agent-1']));
  expect(await world.metric(DRIFT)).toBe(2);
});

test('counts that are right stay as they are, and nothing is called drift', async () => {
  await world.start();
  await world.message('1', 'm1', 1);
  await world.message('1', 'm2', 2, 'gone');
  await world.settled('1');
  // A mark to forget raises a message's revision, and no count follows from it.
  world.truth.put('1', { messageId: 'm1', revision: 2, state: 'new', urgent: false });
  const before = await world.mwi.read(at('1'));
  await checkedAgain(1);
  expect(await world.mwi.read(at('1'))).toEqual(before);
  expect(await world.published('1')).toHaveLength(1);
  expect(await world.metric(DRIFT)).toBe(0);
});

test('a fact that is on its way at the first look is no drift at the second', async () => {
  await world.start({ limits: { confirmDriftMs: 60_000 } });
  await world.message('1', 'm1', 1);
  await world.settled('1');
  world.truth.put('1', { messageId: 'm2', revision: 1, state: 'new', urgent: false });
  await checkedAgain(1);
  await world.announce('1', { messageId: 'm2', revision: 1, state: 'new', urgent: false });
  await world.settled('1');
  await world.clock.advance(120_000);
  await checkedAgain(1);
  expect(await world.metric(DRIFT)).toBe(0);
  expect(await world.metric('voicemail_mwi_recounts_total{cause="drift"}')).toBe(0);
});

test('a mailbox that cannot be read is passed over, and the rest of the pass goes on', async () => {
  await world.start();
  for (const mailbox of ['1', '2', '3']) {
    await world.message(mailbox, 'm1', 1);
    await world.settled(mailbox);
  }
  world.truth.broken.add('1');
  world.truth.vanish('1', 'm1');
  world.truth.vanish('3', 'm1');
  await world.settled('3');
  expect((await world.mwi.read(at('1')))?.counts.new).toBe(1);
  expect(await world.metric('voicemail_mwi_failures_total{work="reconcile"}')).toBeGreaterThan(0);
  world.truth.broken.delete('1');
  await world.settled('1');
});

test('a large mailbox is compared no faster than its slices, and what differs elsewhere is repaired meanwhile', async () => {
  await world.start({ limits: { maxSliceMessages: 10 } });
  await world.message('1', 'vanishes', 1);
  await world.settled('1');
  for (let n = 0; n < 600; n++) world.truth.put('2', { messageId: `m${n}`, revision: 1, state: 'new', urgent: false });
  await world.settled('2');
  world.truth.vanish('1', 'vanishes');
  const beganMs = world.clock.now();
  const checked = await world.metric(CHECKED);
  await world.settled('1');
  await world.eventually(async () => expect(await world.metric(CHECKED)).toBeGreaterThanOrEqual(checked + 3));
  expect(world.clock.now() - beganMs).toBeGreaterThanOrEqual(60_000);
  expect(await world.metric(DRIFT)).toBe(1);
});

test('each tenant is compared at its own interval, as it is now: a slow one keeps no other, and one that comes brings its own', async () => {
  const HOUR_MS = 3_600_000;
  const own = { tenantId: TENANT, sipDomain: SIP_DOMAIN };
  const slow = { tenantId: 't200', sipDomain: null, passIntervalMs: HOUR_MS };
  let tenants: readonly ProjectedTenant[] = [own];
  await world.start({ tenants: () => tenants });
  await world.message('1', 'm1', 1);
  await world.settled('1');
  const passesOver = (tenant: string): number =>
    world.truth.asked.filter((call) => call === `list mailboxes of ${tenant}`).length;
  // Discovery lists a tenant's mailboxes once too, when it comes.
  tenants = [own, slow];
  await world.eventually(() => expect(passesOver('t200')).toBe(2));
  world.truth.vanish('1', 'm1');
  const beganMs = world.clock.now();
  await world.settled('1');
  await world.eventually(() => expect(passesOver(TENANT)).toBeGreaterThan(6));
  expect(world.clock.now() - beganMs).toBeLessThan(HOUR_MS / 6);
  expect(passesOver('t200')).toBe(2);
  tenants = [own, { tenantId: 't200', sipDomain: null }];
  await world.eventually(() => expect(passesOver('t200')).toBeGreaterThan(3));
});
