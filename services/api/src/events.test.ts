import { readRecord, TOPICS } from '@voicemail/contracts';
import { LogError } from '@voicemail/event-log';
import { storeDeposit, openMedia, readMessage } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import {
  binaryRequest,
  deposit,
  mailboxEvent,
  messageAction,
  recording,
  structuredRequest,
  tombstoneRequest,
  type EventRequest,
} from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from './world/world.ts';

const MIB = 1024 * 1024;
const sound = { contentType: 'audio/wav', bytes: Buffer.from('RIFF some sound') };
let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const post = ({ path, headers, body }: EventRequest, more: Readonly<Record<string, string>> = {}) =>
  world.call('POST', path, { headers: { ...headers, ...more }, body: Buffer.from(body) });

describe('an event', () => {
  const events = [
    deposit({ messageId: 'm1', callerId: 'Zoë +1 555 121 2000', media: sound }),
    messageAction({ messageId: 'm1', action: 'read' }),
    mailboxEvent({ kind: 'group', members: ['agent-1'] }),
  ];
  const requests = events.flatMap((event) => [
    { mode: 'structured', topic: event.topic, request: structuredRequest(event) },
    { mode: 'binary', topic: event.topic, request: binaryRequest(event) },
  ]);

  it.each(requests)(
    'in $mode mode for $topic is durable in the log when it is answered',
    async ({ topic, request }) => {
      const answer = await post(request);
      expect(answer.statusCode).toBe(202);
      const [record, ...more] = await world.records(topic);
      expect(more).toEqual([]);
      expect(record?.key).toBe('t100/9876');
      const { id } = readRecord(topic, record!);
      expect(answer.json()).toEqual({ id, topic, partition: 0, offset: record!.offset });
    },
  );

  it('that removes a mailbox is a tombstone', async () => {
    expect((await post(tombstoneRequest(mailboxEvent({})))).statusCode).toBe(202);
    expect(await world.records(TOPICS.mailboxes)).toMatchObject([{ key: 't100/9876', value: null }]);
  });

  it('carries its trace on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await post(structuredRequest(events[1]!), { traceparent });
    expect(await world.records(TOPICS.messageActions)).toMatchObject([{ headers: { traceparent } }]);
  });

  it('takes nothing of the call with it but what is the event’s', async () => {
    await post(binaryRequest(events[0]!), { 'x-forwarded-for': '192.0.2.1', cookie: 'a=b' });
    const [record] = await world.records(TOPICS.deposits);
    const names = Object.keys(record?.headers ?? {});
    expect(names.filter((name) => !name.startsWith('ce_') && name !== 'content-type')).toEqual([]);
  });
});

describe('an event that is refused', () => {
  const good = deposit({ messageId: 'm1', callerId: '+15551212000', media: sound });
  const changed = (changes: object): EventRequest =>
    structuredRequest({ ...good, event: { ...good.event, data: { ...good.event.data, ...changes } } });
  const nothingAppended = async (): Promise<void> => {
    const all = await Promise.all(Object.values(TOPICS).map((topic) => world.records(topic)));
    expect(all.flat()).toEqual([]);
  };

  it('is told every fault, and none of its values', async () => {
    const answer = await post(
      changed({ mailbox: '../secret', messageId: '..', priority: 'secret', region: 'westus2' }),
    );
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ faults: { path: string }[] }>().faults.map(({ path }) => path)).toEqual([
      'data.mailbox',
      'data.messageId',
      'data.priority',
    ]);
    expect(answer.body).not.toContain('secret');
    await nothingAppended();
  });

  it.each([
    ['in structured mode', structuredRequest, 'data.region'],
    ['in binary mode', binaryRequest, 'ce-region'],
  ] as const)(
    'for a region that the tenant does not have is told where it says so, %s',
    async (_name, request, path) => {
      const answer = await post(request(deposit({ messageId: 'm1', region: 'mars', media: sound })));
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ faults: [{ path }] });
      expect(answer.body).not.toContain('mars');
      await nothingAppended();
    },
  );

  it.each(['t200', 'nobody'])('for the tenant %s, which is not the caller’s, is 403', async (tenant) => {
    expect((await post(changed({ tenant }))).statusCode).toBe(403);
    await nothingAppended();
  });

  it.each([
    ['an unknown topic', 'voicemail.other', 404],
    ['a topic that is ours to write', TOPICS.mwi, 404],
    ['a retry topic', 'voicemail.deposits.retry.1s', 404],
    ['the topic of another type', TOPICS.gdprRequests, 400],
  ])('for %s', async (_name, topic, status) => {
    const answer = await post({ ...structuredRequest(good), path: `/v1/events/${topic}` });
    expect(answer.statusCode).toBe(status);
    await nothingAppended();
  });

  it.each([
    ['nothing', {}, Buffer.alloc(0), 400],
    ['no event', { 'content-type': 'application/json' }, Buffer.from('{}'), 400],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }, Buffer.from('[]'), 400],
    ['no type at all', {}, Buffer.from('{}'), 400],
    ['a content encoding', { ...structuredRequest(good).headers, 'content-encoding': 'gzip' }, Buffer.from('x'), 415],
  ] as const)('because it is %s', async (_name, headers, body, status) => {
    const answer = await world.call('POST', `/v1/events/${TOPICS.deposits}`, { headers, body });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    await nothingAppended();
  });

  it('because a record of the log cannot hold it is 413', async () => {
    const answer = await post(changed({ note: 'x'.repeat(17 * MIB) }));
    expect(answer.statusCode).toBe(413);
    await nothingAppended();
  });
});

describe('a recording that is too large for a record', () => {
  const SECONDS = 300;

  it.each([
    ['structured', structuredRequest],
    ['binary', binaryRequest],
  ])('is staged in its region first, %s', async (_mode, request) => {
    const media = await recording('wav-pcm', SECONDS);
    expect(media.bytes.length).toBeGreaterThan(4 * MIB);
    const event = deposit({ messageId: 'm1', callerId: '+15551212000', region: 'westeurope', media });
    expect((await post(request(event))).statusCode).toBe(202);
    const [record] = await world.records(TOPICS.deposits);
    expect(record?.value?.length).toBeLessThan(2_000);
    const taken = readRecord(TOPICS.deposits, record!);
    if (taken.kind !== 'deposit') throw new Error('it is a deposit');
    expect(taken.data).toMatchObject({ messageId: 'm1', callerId: '+15551212000', region: 'westeurope' });
    expect(taken.data.media).toMatchObject({ stagedKey: expect.stringMatching(/^staging\/t100\/[^/]+\.wav$/) });

    await storeDeposit(world.stores, { ...taken.data, takenAt: taken.time }, taken.time);
    const { value } = (await readMessage(world.stores, '9876', 'm1'))!;
    expect(value.durationMs).toBe(SECONDS * 1_000);
    const chunks = await Array.fromAsync((await openMedia(world.stores, value)).body);
    expect(Buffer.concat(chunks).equals(media.bytes)).toBe(true);
  });

  it('is 503 while its region is down, and nothing is appended', async () => {
    await world.close();
    world = await openWorld({
      store: (store, name) =>
        name !== 't100-westeurope'
          ? store
          : withFaults(store, ({ operation, key }) => {
              throw new StoreError('unavailable', operation, key, 'the volume is not mounted');
            }),
    });
    const media = await recording('wav-pcm', SECONDS);
    const answer = await post(binaryRequest(deposit({ messageId: 'm1', region: 'westeurope', media })));
    expect(answer.statusCode).toBe(503);
    expect(await world.records(TOPICS.deposits)).toEqual([]);
  });
});

describe('while the log cannot take it', () => {
  it.each(['unavailable', 'full', 'closed'] as const)('an event is 503 and may be sent again: %s', async (code) => {
    await world.close();
    world = await openWorld({
      append: () => Promise.reject(new LogError(code, 'it cannot be had')),
    });
    const answer = await post(structuredRequest(deposit({ messageId: 'm1', media: sound })));
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(answer.json()).toMatchObject({ status: 503 });
  });
});
