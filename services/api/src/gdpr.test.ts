import { readRecord, TOPICS } from '@voicemail/contracts';
import { callerHashes } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stored } from './world/consume.ts';
import { openWorld, START, type World } from './world/world.ts';

const CALLER = '+15551212000';
const CCID = '2c5ea4c0-4067-11e9-8bad-000000000100';
const signal = new AbortController().signal;

interface Answer {
  readonly requestId: string;
  readonly status: string;
  readonly callers: object;
}

let world: World;
const down = new Set<string>();

beforeEach(async () => {
  down.clear();
  world = await openWorld({
    store: (store, region) =>
      withFaults(store, ({ operation, key }) => {
        if (down.has(region)) throw new StoreError('unavailable', operation, key, 'the region is down');
      }),
  });
});
afterEach(() => world.close());

const ask = (body: object, query = '', headers: Record<string, string> = {}, operation = 'forgetme') =>
  world.call('POST', `/v1/gdpr/${operation}${query}`, { body, headers });
const consumer = (...phones: string[]): object => ({ consumer: phones.map((phone) => ({ phone })) });
const appended = async (): Promise<number> => (await world.records(TOPICS.gdprRequests)).length;

/** What the saga does with the topic. */
async function consume(): Promise<void> {
  for (const record of await world.records(TOPICS.gdprRequests)) {
    const event = readRecord(TOPICS.gdprRequests, record);
    if (event.kind !== 'gdpr-request') throw new TypeError('another event came from the topic of GDPR requests');
    await world.gdpr.take(world.stores, event.data, new Date(record.appendedAt).toISOString());
  }
  while ((await world.whileTimePasses(world.gdpr.work(world.stores, signal))) === 'later');
}

/** A call that waits has its answer when the saga has done its part. */
async function answered<T>(call: Promise<T>): Promise<T> {
  while ((await appended()) === 0) await new Promise((resolve) => setImmediate(resolve));
  await consume();
  return world.whileTimePasses(call);
}

describe('a GDPR call', () => {
  it('asks through the log, and says at once how many messages there are now', async () => {
    await stored(world, '9876', 'm1');
    await stored(world, '9876', 'm2', { region: 'westeurope' });
    const answer = await ask({
      ccid: CCID,
      consumer: [{ name: 'A. Caller' }, { phone: '(555) 121-2000' }, { email: 'a@b.example' }],
    });
    expect(answer.statusCode).toBe(202);
    const { requestId, ...rest } = answer.json<Answer>();
    expect(rest).toEqual({
      tenant: 't100',
      operation: 'forgetme',
      status: 'accepted',
      callers: { '(555) 121-2000': { messages: 2 } },
      ignored: [{ name: 'A. Caller' }, { email: 'a@b.example' }],
      links: { self: `/v1/gdpr/requests/${requestId}` },
    });
    expect(answer.headers['location']).toBe(`/v1/gdpr/requests/${requestId}`);
    const [record] = await world.records(TOPICS.gdprRequests);
    expect(record?.key).toBe('t100');
  });

  it.each([
    ['consumers', { consumers: [{ consumer: [{ phone: CALLER }] }] }],
    ['a request round them', { 'gdpr-request': { data: [{ consumers: { phone: CALLER } }] } }],
    ['a list of numbers, one of them a number', { consumer: { phone: [15_551_212_000, CALLER] } }],
  ])('takes any nesting: %s', async (_name, body) => {
    const answer = await ask(body, '?dryRun=true');
    expect(answer.statusCode).toBe(200);
    expect(Object.keys(answer.json<Answer>().callers)).toContain(CALLER);
  });

  it.each([
    ['no phone', { consumer: [{ name: 'A. Caller' }] }, 'consumer'],
    ['a phone that is outside of a consumer', { phone: CALLER }, 'consumer'],
    ['an empty phone', { consumer: [{ phone: ' ' }] }, 'consumer.0.phone'],
    ['a phone that is none', { consumer: [{ phone: { number: CALLER } }] }, 'consumer.0.phone'],
    ['one that is too long', { consumer: [{ phone: '1'.repeat(129) }] }, 'consumer.0.phone'],
    ['a ccid that is none', { ccid: 'x', consumer: [{ phone: CALLER }] }, 'ccid'],
  ])('with %s is refused, and says where', async (_name, body, path) => {
    const answer = await ask(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ faults: [{ path: expect.stringContaining(path) as string }] });
    expect(await appended()).toBe(0);
  });

  it('with several faults is told of all of them', async () => {
    const answer = await ask({ ccid: 'x', consumer: [{ phone: '' }, { phone: CALLER }, { phone: true }] });
    expect(answer.statusCode).toBe(400);
    const { faults } = answer.json<{ faults: { path: string }[] }>();
    expect(faults.map(({ path }) => path)).toEqual(['consumer.0.phone', 'consumer.2.phone', 'ccid']);
    expect(await appended()).toBe(0);
  });

  it.each(['phone', 'consumer'])('with a nesting of %s that has no end is refused', async (name) => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const answer = await world.call('POST', '/v1/gdpr/forgetme', {
      body: Buffer.from(`{"consumer":{"${name}":${deep}}}`),
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.statusCode).toBe(400);
  });

  it('with faults in its body, its query and its headers is told of all of them', async () => {
    const answer = await world.call('POST', '/v1/gdpr/forgetme?waitSeconds=soon&dryRun=maybe', {
      body: { consumer: [{ phone: '' }] },
      headers: { 'idempotency-key': '' },
    });
    expect(answer.statusCode).toBe(400);
    const { faults } = answer.json<{ faults: { path: string }[] }>();
    const paths = ['consumer.0.phone', 'query.dryRun', 'query.waitSeconds', 'header.idempotency-key'];
    expect(faults.map(({ path }) => path)).toEqual(paths);
    expect(await appended()).toBe(0);
  });

  it('has everything that does not count come back, also a number that stands where none is looked for', async () => {
    const body = { ccid: CCID, note: 'urgent', consumer: [{ phone: CALLER, name: 'A. Caller' }, '+15551212999', 7] };
    const answer = await ask(body, '?dryRun=true');
    expect(answer.json()).toMatchObject({
      callers: { [CALLER]: { messages: 0 } },
      ignored: [{ note: 'urgent' }, { name: 'A. Caller' }, { consumer: '+15551212999' }, { consumer: 7 }],
    });
  });

  it.each(['?dryrun=true', '?dryRun=true&wait=30'])(
    'with a parameter that nobody knows asks for nothing: %s',
    async (query) => {
      const answer = await ask(consumer(CALLER), query);
      expect(answer.statusCode).toBe(400);
      expect(await appended()).toBe(0);
    },
  );

  it('that has failed says why', async () => {
    const key = { 'idempotency-key': 'once' };
    await ask(consumer(CALLER), '', key);
    down.add('westeurope');
    await world.clock.advance(25 * 86_400_000);
    await consume();
    const answer = await ask(consumer(CALLER), '', key);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'failed', reason: expect.stringContaining('deadline') as string });
  });

  it('answers for each phone as it was sent, also for one that is nobody’s', async () => {
    await stored(world, '9876', 'm1');
    const callers = { anonymous: { messages: 0 }, [CALLER]: { messages: 1 } };
    const marked = await answered(ask(consumer('anonymous', CALLER), '?waitSeconds=60'));
    expect(marked.json()).toMatchObject({ status: 'marked', callers });
    const dry = await ask(consumer('anonymous', CALLER), '?dryRun=true');
    expect(dry.json<Answer>().callers).toEqual(callers);
  });

  it('answers for a phone whose text means something to JavaScript', async () => {
    const phones = ['__proto__', 'constructor', CALLER];
    const callersOf = (document: Pick<Answer, 'callers'>) => Object.keys(document.callers).toSorted();
    const dry = await ask({ consumer: [{ phone: phones }, { ['__proto__']: 'ignored' }] }, '?dryRun=true');
    expect(callersOf(dry.json())).toEqual(phones.toSorted());
    expect(dry.body).toContain('"ignored":[{"__proto__":"ignored"}]');
    const marked = (await answered(ask(consumer(...phones), '?waitSeconds=60'))).json<Answer>();
    expect(callersOf(marked)).toEqual(phones.toSorted());
    const path = '/v1/gdpr/requests';
    expect(callersOf((await world.call('GET', `${path}/${marked.requestId}`)).json())).toEqual(phones.toSorted());
    const { items } = (await world.call('GET', path)).json<{ items: Answer[] }>();
    expect(items.map(callersOf)).toEqual([phones.toSorted()]);
  });

  it('that is sent twice at once with one key is one request', async () => {
    const key = { 'idempotency-key': 'ticket-18' };
    const both = await Promise.all([ask(consumer(CALLER), '', key), ask(consumer(CALLER), '', key)]);
    const [first, second] = both.map((answer) => answer.json<Answer>().requestId);
    expect(first).toBe(second);
    await consume();
    const { items } = (await world.call('GET', '/v1/gdpr/requests')).json<{ items: Answer[] }>();
    expect(items.map(({ requestId }) => requestId)).toEqual([first]);
  });

  it('is known by its address at once, as accepted, before the saga has taken it in', async () => {
    const asked = await ask(consumer('anonymous', CALLER));
    const address = String(asked.headers['location']);
    const early = await world.call('GET', address);
    expect(early.statusCode).toBe(200);
    expect(early.json()).toMatchObject({ status: 'accepted', callers: { [CALLER]: { messages: null } }, regions: [] });
    expect((await world.call('GET', `${address}/export`)).statusCode).toBe(404);
    await consume();
    expect((await world.call('GET', address)).json()).toMatchObject({ status: 'marked' });
    expect((await world.call('GET', `${address}-other`)).statusCode).toBe(404);
  });

  it('that is sent with the key of one that is on its way is refused, as another operation or for another caller', async () => {
    const key = { 'idempotency-key': 'ticket-19' };
    const first = (await ask(consumer(CALLER), '', key)).json<Answer>();
    const others = [ask(consumer(CALLER), '', key, 'undoforget'), ask(consumer('+15551212999'), '', key, 'exportme')];
    for (const other of await Promise.all(others)) {
      expect(other.statusCode).toBe(422);
      expect(other.body).not.toContain(first.requestId);
    }
    expect(await appended()).toBe(1);
  });

  it('is refused where another process was asked for something else with its key first', async () => {
    const late = ask(consumer(CALLER), '?waitSeconds=60', { 'idempotency-key': 'ticket-20' }, 'undoforget');
    while ((await appended()) === 0) await new Promise((resolve) => setImmediate(resolve));
    const [record] = await world.records(TOPICS.gdprRequests);
    const event = record === undefined ? null : readRecord(TOPICS.gdprRequests, record);
    if (event?.kind !== 'gdpr-request') throw new TypeError('another event came from the topic of GDPR requests');
    const first = { ...event.data, operation: 'forgetme' as const };
    await world.gdpr.take(world.stores, first, new Date(START).toISOString());
    await consume();
    expect((await world.whileTimePasses(late)).statusCode).toBe(422);
    const path = `/v1/gdpr/requests/${first.requestId}`;
    expect((await world.call('GET', path)).json()).toMatchObject({ operation: 'forgetme' });
  });

  it('for another contact centre is refused', async () => {
    expect((await ask({ ccid: CCID.replace('0100', '0200'), ...consumer(CALLER) })).statusCode).toBe(403);
  });

  it('that waits is 200 once it is marked, and undone', async () => {
    await stored(world, '9876', 'm1');
    const marked = await answered(ask(consumer(CALLER), '?waitSeconds=60'));
    expect([marked.statusCode, marked.json<Answer>().status]).toEqual([200, 'marked']);
    const undo = ask(consumer(CALLER), '', { prefer: 'respond-async, wait=60' }, 'undoforget');
    while ((await appended()) < 2) await new Promise((resolve) => setImmediate(resolve));
    await consume();
    const undone = await world.whileTimePasses(undo);
    expect([undone.statusCode, undone.json<Answer>().status]).toEqual([200, 'undone']);
  });

  it('with the same key is the same request, and with another content refused', async () => {
    const key = { 'idempotency-key': 'ticket-17' };
    const first = (await ask(consumer(CALLER), '', key)).json<Answer>();
    const again = (await ask(consumer(CALLER), '', key)).json<Answer>();
    expect(again.requestId).toBe(first.requestId);
    await consume();
    const settled = await ask(consumer('(555) 121-2000'), '', key);
    expect([settled.statusCode, settled.json<Answer>().status]).toEqual([200, 'marked']);
    expect((await ask(consumer('+15551212999'), '', key)).statusCode).toBe(422);
    expect((await ask(consumer(CALLER), '', key, 'undoforget')).statusCode).toBe(422);
    const { items } = (await world.call('GET', '/v1/gdpr/requests')).json<{ items: Answer[] }>();
    expect(items.map(({ requestId }) => requestId)).toEqual([first.requestId]);
  });

  it('with the same key is the same request under a new caller-hash key too', async () => {
    const key = { 'idempotency-key': 'ticket-17' };
    await ask(consumer(CALLER), '', key);
    await consume();
    const keys = [8, 7].map((byte) => Buffer.alloc(32, byte).toString('base64'));
    Object.assign(world.stores, { hashes: callerHashes(keys.join('\n')) });
    expect((await ask(consumer('(555) 121-2000'), '', key)).statusCode).toBe(200);
    expect((await ask(consumer(CALLER, '+15551212999'), '', key)).statusCode).toBe(422);
  });

  it('as a dry run counts and asks for nothing; while a region is down it does not know', async () => {
    await stored(world, '9876', 'm1');
    const dry = await ask(consumer(CALLER, '+15551212999'), '?dryRun=true');
    expect(dry.json()).toEqual({
      tenant: 't100',
      operation: 'forgetme',
      status: 'dry-run',
      callers: { [CALLER]: { messages: 1 }, '+15551212999': { messages: 0 } },
      ignored: [],
    });
    down.add('t100-westeurope');
    expect((await ask(consumer(CALLER), '?dryRun=true')).statusCode).toBe(503);
    const asked = await ask(consumer(CALLER));
    expect([asked.statusCode, asked.json<Answer>().callers]).toEqual([202, { [CALLER]: { messages: null } }]);
  });
});

describe('the requests', () => {
  it('tell where each is, newest first, page by page and by status', async () => {
    await stored(world, '9876', 'm1');
    const first = (await ask(consumer(CALLER))).json<Answer>().requestId;
    await consume();
    const second = (await ask(consumer(CALLER), '', {}, 'undoforget')).json<Answer>().requestId;
    down.add('t100-westeurope');
    await world.whileTimePasses(consumeOnce());
    const document = await world.call('GET', `/v1/gdpr/requests/${second}`);
    expect(document.json()).toMatchObject({ status: 'waiting-for-region', waitsFor: ['westeurope'], regions: [] });
    const marked = (await world.call('GET', `/v1/gdpr/requests/${first}`)).json<Answer>();
    expect(marked).toMatchObject({
      status: 'marked',
      callers: { [CALLER]: { messages: 1 } },
      cutoff: new Date(START).toISOString(),
      steps: [{ step: 'mark', region: 'westus2', changed: 1 }],
    });
    const page = (await world.call('GET', '/v1/gdpr/requests?limit=1')).json<{ items: Answer[]; next: string }>();
    expect(page.items.map(({ requestId }) => requestId)).toEqual([second]);
    const rest = await world.call('GET', `/v1/gdpr/requests?limit=1&cursor=${encodeURIComponent(page.next)}`);
    expect(rest.json<{ items: Answer[] }>().items.map(({ requestId }) => requestId)).toEqual([first]);
    const waiting = await world.call('GET', '/v1/gdpr/requests?status=waiting-for-region');
    expect(waiting.json<{ items: Answer[] }>().items.map(({ requestId }) => requestId)).toEqual([second]);
    expect((await world.call('GET', '/v1/gdpr/requests/nobody')).statusCode).toBe(404);
  });

  it('name no number in what is logged or announced', async () => {
    await stored(world, '9876', 'm1');
    await ask(consumer(CALLER));
    await consume();
    const told = [...(await world.records(TOPICS.gdprStatus)), ...(await world.records(TOPICS.messages))];
    expect(told.map(({ value }) => Buffer.from(value ?? []).toString()).join('\n')).not.toMatch(/5551212000/);
    expect(
      told.map(
        ({ value }) => (JSON.parse(Buffer.from(value!).toString()) as { data: { status?: string } }).data.status,
      ),
    ).toEqual(expect.arrayContaining(['accepted', 'running', 'marked']));
    expect(world.logged.join('\n')).not.toMatch(/5551212000/);
  });
});

/** One look at what is to be done. */
async function consumeOnce(): Promise<void> {
  for (const record of await world.records(TOPICS.gdprRequests)) {
    const event = readRecord(TOPICS.gdprRequests, record);
    if (event.kind === 'gdpr-request')
      await world.gdpr.take(world.stores, event.data, new Date(record.appendedAt).toISOString());
  }
  await world.gdpr.work(world.stores, signal);
}

describe('a run of the deletion rule', () => {
  it('is asked for, or for what it would do at a time', async () => {
    await stored(world, '9876', 'm1');
    await ask(consumer(CALLER));
    await consume();
    const at = new Date(world.clock.now() + 86_400_000).toISOString();
    const dry = await world.call('POST', '/v1/operations/forget-run', { body: { dryRun: true, at } });
    const items = [{ tenant: 't100', mailbox: '9876', messageId: 'm1', region: 'westus2' }];
    expect(dry.json()).toEqual({ deleted: 1, kept: 0, items });
    const early = await world.whileTimePasses(world.call('POST', '/v1/operations/forget-run'));
    expect(early.json()).toEqual({ deleted: 0, kept: 1, items: [] });
    await world.clock.advance(86_400_000);
    const run = await world.whileTimePasses(
      world.call('POST', '/v1/operations/forget-run', { body: { dryRun: false } }),
    );
    expect(run.json()).toEqual({ deleted: 1, kept: 0, items });
    const refused = await world.call('POST', '/v1/operations/forget-run', { body: { at } });
    expect(refused.statusCode).toBe(400);
  });
});
