import { TOPICS } from '@voicemail/contracts';
import { keepDeadLetter, type RejectedRecord } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, START, type World } from './world/world.ts';

const DAY_MS = 24 * 3_600_000;
let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const rejected: RejectedRecord = {
  topic: TOPICS.deposits,
  partition: 0,
  offset: 17,
  key: 't100/9876',
  value: Buffer.from('what was rejected, from +15551212000'),
  headers: { 'content-type': 'application/cloudevents+json', traceparent: 'x' },
  takenAtMs: START - 60_000,
  reason: 'unknown-region',
  detail: 'the tenant has no such region',
  stagedKey: null,
  callerId: '+15551212000',
};
/** @param whose null: what names no known tenant. */
const keep = async (changes: Partial<RejectedRecord> = {}, atMs = START, whose: 't100' | 't200' | null = 't100') => {
  const tenant = whose === null ? null : (world.tenants.byId(whose)?.stores ?? null);
  return (await keepDeadLetter({ tenant, deployment: world.deployment }, { ...rejected, ...changes }, atMs)).id;
};
const list = async (query = '') =>
  (await world.call('GET', `/v1/dead-letters${query}`)).json<{ items: { id: string }[]; next?: string }>();
const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

describe('dead letters', () => {
  it('come newest first, the deployment’s own among them, page by page', async () => {
    const first = await keep({ offset: 1 }, START);
    const own = await keep({ offset: 2 }, START + 1_000, null);
    const last = await keep({ offset: 3 }, START + 2_000);
    await keep({ offset: 4 }, START, 't200');
    const page = await list('?limit=2');
    expect(idsOf(page)).toEqual([last, own]);
    expect(idsOf(await list(`?limit=2&cursor=${page.next}`))).toEqual([first]);
  });

  it('that two regions kept are shown once', async () => {
    const id = await keep();
    const { stores } = world;
    const turned = { ...stores, regions: stores.regions.toReversed() };
    await keepDeadLetter({ tenant: turned, deployment: world.deployment }, rejected, START);
    expect(idsOf(await list())).toEqual([id]);
  });

  it('are 503 while a region is down: a part is not the whole', async () => {
    await world.close();
    world = await openWorld({
      store: (store, name) =>
        name !== 't100-westeurope'
          ? store
          : withFaults(store, ({ operation, key }) => {
              throw new StoreError('unavailable', operation, key, 'the volume is not mounted');
            }),
    });
    expect((await world.call('GET', '/v1/dead-letters')).statusCode).toBe(503);
  });
});

describe('a dead letter', () => {
  it('says where the record was and why, and nothing of what it held', async () => {
    const id = await keep();
    const answer = await world.call('GET', `/v1/dead-letters/${id}`);
    expect(answer.json()).toEqual({
      id,
      tenant: 't100',
      region: 'westus2',
      topic: TOPICS.deposits,
      partition: 0,
      offset: 17,
      reason: 'unknown-region',
      detail: 'the tenant has no such region',
      storedAt: `t100/dead-letters/${id}/record`,
      at: new Date(START).toISOString(),
      takenAt: new Date(START - 60_000).toISOString(),
      expiresAt: new Date(START + 25 * DAY_MS).toISOString(),
    });
    expect(answer.body).not.toContain('5551212000');
  });

  it('that is not there, or another tenant’s, is 404', async () => {
    const id = await keep({}, START, 't200');
    expect((await world.call('GET', `/v1/dead-letters/${id}`)).statusCode).toBe(404);
    expect((await world.call('POST', `/v1/dead-letters/${id}/replay`)).statusCode).toBe(404);
  });
});

describe('replaying a dead letter', () => {
  const replay = (id: string) => world.call('POST', `/v1/dead-letters/${id}/replay`);

  it.each(['t100', null] as const)(
    'of %s appends the record as it was, with when it was taken first, and removes it',
    async (whose) => {
      const id = await keep({}, START, whose);
      const answer = await replay(id);
      expect(answer.statusCode).toBe(202);
      expect(answer.json()).toEqual({ id, topic: TOPICS.deposits, partition: 0, offset: 0 });
      const takenAt = new Date(START - 60_000).toISOString();
      expect(await world.records(TOPICS.deposits)).toMatchObject([
        { key: rejected.key, headers: { ...rejected.headers, 'voicemail-first-taken': takenAt } },
      ]);
      expect(Buffer.from((await world.records(TOPICS.deposits))[0]?.value ?? [])).toEqual(rejected.value);
      expect((await replay(id)).statusCode).toBe(404);
      expect(await list()).toEqual({ items: [] });
    },
  );

  it('that was a tombstone is one again', async () => {
    await replay(await keep({ topic: TOPICS.mailboxes, value: null }));
    expect(await world.records(TOPICS.mailboxes)).toMatchObject([{ value: null }]);
  });

  it('keeps the time of the first taking that the record says itself', async () => {
    const headers = { 'voicemail-first-taken': new Date(START - DAY_MS).toISOString() };
    await replay(await keep({ headers }));
    expect(await world.records(TOPICS.deposits)).toMatchObject([{ headers }]);
  });

  it('is refused when the record is older than 30 days: what was deleted since might come back', async () => {
    const id = await keep({ takenAtMs: START - 30 * DAY_MS - 1 });
    expect((await replay(id)).statusCode).toBe(409);
    expect(await world.records(TOPICS.deposits)).toEqual([]);
    expect(idsOf(await list())).toEqual([id]);
  });

  it('that the log does not take leaves it where it is', async () => {
    const id = await keep();
    await world.log.close();
    expect((await replay(id)).statusCode).toBe(503);
    expect(idsOf(await list())).toEqual([id]);
  });

  it('whose removal fails is 503, and done when it is asked for again', async () => {
    await world.close();
    let isFailing = true;
    world = await openWorld({
      store: (store) =>
        withFaults(store, ({ operation, key, moment }) => {
          if (operation === 'delete' && moment === 'before' && isFailing) {
            throw new StoreError('timeout', operation, key, 'no answer');
          }
        }),
    });
    const id = await keep();
    expect((await replay(id)).statusCode).toBe(503);
    isFailing = false;
    expect((await replay(id)).statusCode).toBe(202);
    expect(await list()).toEqual({ items: [] });
    expect(await world.records(TOPICS.deposits)).toHaveLength(2);
  });
});
