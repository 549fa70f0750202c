import { TOPICS } from '@voicemail/contracts';
import { countEntries, type CountEntry } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { UNPROVISIONED_FACTS } from '@voicemail/mwi-store';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROJECTOR_GROUP } from './projector.ts';
import { beforePublishing } from './world/faults.ts';
import { at, openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const factsInTheLog = async (): Promise<NewRecord[]> => {
  const records: NewRecord[] = [];
  for await (const { topic, key, value, headers } of world.log.read(TOPICS.messages)) {
    records.push({ topic, key, value, headers });
  }
  return records;
};
const waiting = async (): Promise<number> => {
  const lag = await world.log.lag(PROJECTOR_GROUP, [TOPICS.messages]);
  return lag.reduce((sum, partition) => sum + partition.waiting, 0);
};
const handled = (): Promise<void> => world.eventually(async () => expect(await waiting()).toBe(0));

test('a message lights the lamp, hearing it puts the lamp out, deleting it leaves nothing', async () => {
  await world.start();
  await world.message('9876', 'm1', 1, 'new', true);
  await world.settled('9876');
  expect((await world.published('9876')).at(-1)).toMatchObject({
    tenant: 't100',
    mailbox: '9876',
    kind: 'personal',
    users: [],
    messagesWaiting: true,
    full: false,
    new: 1,
    old: 0,
    urgentNew: 1,
    urgentOld: 0,
    messageSummary:
      'Messages-Waiting: yes\r\nMessage-Account: sip:9876@voice.example.com\r\nVoice-Message: 1/0 (1/0)\r\n',
  });
  await world.message('9876', 'm1', 2, 'old', true);
  await world.settled('9876');
  expect((await world.published('9876')).at(-1)).toMatchObject({ messagesWaiting: false, new: 0, old: 1 });
  await world.message('9876', 'm1', 3, 'gone', true);
  await world.settled('9876');
  expect((await world.published('9876')).at(-1)).toMatchObject({ messagesWaiting: false, new: 0, old: 0 });
});

test('the revision of a mailbox only grows on the topic', async () => {
  await world.start();
  for (let n = 1; n <= 30; n++) await world.message('1', `m${n}`, 1);
  await world.settled('1');
  const revisions = (await world.published('1')).map(({ revision }) => revision);
  expect(revisions).toEqual([...new Set(revisions)].toSorted((a, b) => a - b));
});

test('the whole topic again gives the same counts, the same revisions and no record', async () => {
  await world.start();
  for (const mailbox of ['1', '2', '3']) {
    await world.message(mailbox, `a${mailbox}`, 1);
    await world.message(mailbox, `b${mailbox}`, 1, 'new', true);
    await world.message(mailbox, `a${mailbox}`, 2, 'old');
    await world.message(mailbox, `b${mailbox}`, 2, 'gone');
    await world.settled(mailbox);
  }
  const before = await Promise.all(['1', '2', '3'].map(async (mailbox) => world.mwi.read(at(mailbox))));
  const records = await world.published('1');
  await handled();
  await world.clock.advance(60_000);
  await world.log.append(await factsInTheLog());
  await handled();
  expect(await Promise.all(['1', '2', '3'].map(async (mailbox) => world.mwi.read(at(mailbox))))).toEqual(before);
  expect(await world.published('1')).toEqual(records);
});

test('facts in any order, repeated at will, end in what the stores say', async () => {
  await world.start();
  let mailbox = 0;
  const history = fc.uniqueArray(
    fc.record({
      messageId: fc.constantFrom('a', 'b', 'c'),
      revision: fc.integer({ min: 1, max: 5 }),
      state: fc.constantFrom('new' as const, 'old' as const, 'gone' as const),
      urgent: fc.boolean(),
    }),
    { maxLength: 10, minLength: 1, selector: ({ messageId, revision }) => `${messageId} ${revision}` },
  );
  const orders = history.chain((facts) =>
    fc.tuple(fc.constant(facts), fc.shuffledSubarray([...facts, ...facts], { minLength: facts.length * 2 })),
  );
  await fc.assert(
    fc.asyncProperty(orders, async ([facts, announced]) => {
      const number = String(++mailbox);
      const newest = new Map<string, CountEntry>();
      for (const fact of facts.toSorted((a, b) => a.revision - b.revision)) newest.set(fact.messageId, fact);
      for (const entry of newest.values()) world.truth.put(number, entry);
      for (const fact of announced) await world.announce(number, fact);
      await world.settled(number);
      await handled();
      expect((await world.mwi.read(at(number)))?.counts).toEqual(countEntries(world.truth.live(number)));
    }),
    { numRuns: 12 },
  );
});

test('a group mailbox is seen by its members, and by no one who left', async () => {
  await world.start();
  const group = { ...UNPROVISIONED_FACTS, revision: 1, kind: 'group' as const, users: ['agent-1', 'agent-2'] };
  await world.settings('500', group);
  await world.message('500', 'm1', 1);
  await world.eventually(async () => {
    expect((await world.published('500')).at(-1)).toMatchObject({
      kind: 'group',
      users: ['agent-1', 'agent-2'],
      new: 1,
    });
  });
  await world.settings('500', { ...group, revision: 2, users: ['agent-2'] });
  await world.eventually(async () => {
    expect((await world.published('500')).at(-1)).toMatchObject({ users: ['agent-2'], new: 1 });
  });
  expect(await world.mwi.mailboxesOfUser('t100', 'agent-1')).toEqual([]);
  expect(await world.mwi.mailboxesOfUser('t100', 'agent-2')).toHaveLength(1);
});

test('a mailbox that holds as many messages as it should says that it is full, and takes more', async () => {
  await world.start();
  await world.settings('7', { ...UNPROVISIONED_FACTS, revision: 1, users: ['agent-1'], maxMessages: 2 });
  await world.message('7', 'm1', 1);
  await world.settled('7');
  expect((await world.published('7')).at(-1)?.full).toBe(false);
  await world.message('7', 'm2', 1, 'old');
  await world.message('7', 'm3', 1);
  await world.settled('7');
  expect((await world.published('7')).at(-1)).toMatchObject({ full: true, new: 2, old: 1 });
  await world.settings('7', { ...UNPROVISIONED_FACTS, revision: 2, users: ['agent-1'], maxMessages: 10 });
  await world.eventually(async () => expect((await world.published('7')).at(-1)?.full).toBe(false));
});

test('a fact that cannot be read, or of a tenant that is not served, holds up nobody', async () => {
  await world.start();
  const headers = { 'content-type': 'application/cloudevents+json' };
  await world.message('1', 'before', 1);
  await world.log.append([
    { topic: TOPICS.messages, key: 't100/1', value: Buffer.from('{"callerId":"+15551212000"'), headers },
    { topic: TOPICS.messages, key: 't100/1', value: null },
  ]);
  await world.message('1', 'after', 1);
  await world.settled('1');
  await handled();
  expect((await world.published('1')).at(-1)?.new).toBe(2);
  expect(await world.metric('voicemail_mwi_facts_total{outcome="malformed"}')).toBe(2);
  expect(world.logged.join('')).not.toContain('5551212000');
});

test('a mailbox whose stores cannot be read holds up no other, and follows when they can', async () => {
  await world.start();
  world.truth.broken.add('1');
  await world.message('1', 'm1', 1);
  for (const mailbox of ['2', '3', '4']) {
    await world.message(mailbox, 'm1', 1);
    await world.settled(mailbox);
  }
  expect(await world.mwi.read(at('1'))).toBeNull();
  expect(await world.published('1')).toEqual([]);
  world.truth.broken.delete('1');
  await world.settled('1');
});

test('the trace of a fact goes on in the record that follows from it', async () => {
  await world.start();
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await world.message('1', 'm1', 1);
  await world.settled('1');
  const [fact] = await factsInTheLog();
  if (fact === undefined) throw new Error('there is no fact');
  world.truth.put('1', { messageId: 'm1', revision: 2, state: 'old', urgent: false });
  const text = Buffer.from(fact.value ?? []).toString();
  const read = text.replace('"revision":1', '"revision":2').replace('"state":"new"', '"state":"old"');
  await world.log.append([{ ...fact, value: Buffer.from(read), headers: { ...fact.headers, traceparent } }]);
  await world.settled('1');
  const traces: (string | undefined)[] = [];
  for await (const record of world.log.read(TOPICS.mwi)) traces.push(record.headers['traceparent']);
  expect(traces).toEqual([undefined, traceparent]);
});

test('a stop finishes what is in flight and leaves nothing behind', async () => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const log = beforePublishing(world.log, () => {
    reached.resolve();
    return gate.promise;
  });
  const projector = await world.start({ log });
  await world.message('1', 'm1', 1);
  await reached.promise;
  const stopped = projector.stop(10_000);
  gate.resolve();
  await stopped;
  expect(await world.published('1')).toHaveLength(1);
  expect((await world.mwi.read(at('1')))?.publishedRevision).toBe((await world.published('1'))[0]?.revision);
  expect(await waiting()).toBe(0);
});

test('says that it is ready only while it follows the facts', async () => {
  const projector = await world.start();
  const ask = () => Promise.all(projector.checks.map(({ check }) => check()));
  await ask();
  await projector.stop(1_000);
  await expect(ask()).rejects.toThrow('does not follow');
});
