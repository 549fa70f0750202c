import { withFaults } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepDeadLetter, removeDeadLetter } from './dead-letters.ts';
import { deleteMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { listMessages, openMedia, readRecord } from './read-message.ts';
import { stageMedia } from './stage.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { collect, openWorld, someDeposit, START, sweepAt, type World } from './test-world.ts';

const DAY_MS = 86_400_000;
const now = new Date(START).toISOString();
let world: World;

beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.remove());

const bytesOf = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
  Buffer.concat(await collect(body)).toString();

describe('a deposit', () => {
  it('keeps media in its region and metadata in the master region, both with the caller as a tag that shows no number', async () => {
    const { stores } = world;
    await storeDeposit(stores, someDeposit({ region: 'westeurope' }), now);
    const [master, other] = stores.regions;
    const metadata = await master?.store.head('t100/mailboxes/9876/messages/m1/metadata.json');
    const media = await other?.store.head('t100/mailboxes/9876/messages/m1/media.wav');
    expect(metadata?.tags['caller_id']).toMatch(/^[0-9a-f]{64}$/);
    expect(media?.tags).toEqual(metadata?.tags);
    expect(await master?.store.head('t100/mailboxes/9876/messages/m1/media.wav')).toBeNull();
    expect(media?.contentType).toBe('audio/wav');
  });

  it('writes the fields of the contract', async () => {
    const outcome = await storeDeposit(world.stores, someDeposit({ priority: 'urgent' }), now);
    expect(outcome).toEqual({
      kind: 'stored',
      message: {
        tenant: 't100',
        mailbox: '9876',
        messageId: 'm1',
        callerId: '(555) 121-2000',
        state: 'new',
        priority: 'urgent',
        private: false,
        durationMs: 1500,
        depositedAt: now,
        time: now,
        region: 'westus2',
        media: {
          key: 't100/mailboxes/9876/messages/m1/media.wav',
          contentType: 'audio/wav',
          size: 15,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
        revision: 1,
        modifiedAt: now,
      },
      notErased: [],
    });
  });

  it("takes the log's time where the publisher's clock is ahead", async () => {
    const outcome = await storeDeposit(world.stores, someDeposit({ depositedAt: '2027-01-01T00:00:00Z' }), now);
    expect(outcome).toMatchObject({ message: { time: now, depositedAt: '2027-01-01T00:00:00.000Z' } });
  });

  it('that comes twice changes nothing', async () => {
    const first = await storeDeposit(world.stores, someDeposit(), now);
    const again = await storeDeposit(world.stores, someDeposit(), '2026-03-02T11:00:00.000Z');
    expect(again).toEqual({ ...first, kind: 'repeated' });
  });

  it('under the id of another recording is a conflict, in whatever region or type it comes, and leaves nothing', async () => {
    await storeDeposit(world.stores, someDeposit(), now);
    const other = Buffer.from('another sound');
    const attempts = [
      someDeposit({ media: { contentType: 'audio/wav', bytes: other } }),
      someDeposit({ media: { contentType: 'audio/mpeg', bytes: other } }),
      someDeposit({ region: 'westeurope', media: { contentType: 'audio/wav', bytes: other } }),
    ];
    for (const attempt of attempts) {
      await expect(storeDeposit(world.stores, attempt, now)).rejects.toMatchObject({ reason: 'conflict' });
    }
    const [master, europe] = world.stores.regions;
    const keys = async (region: typeof master) =>
      (await collect(region!.store.list('t100/mailboxes/'))).map(({ key }) => key.split('/').at(-1));
    expect(await keys(master)).toEqual(['media.wav', 'metadata.json']);
    expect(await keys(europe)).toEqual([]);
  });

  it('of a deleted message stores nothing', async () => {
    await storeDeposit(world.stores, someDeposit(), now);
    await deleteMessage(world.stores, '9876', 'm1', 'user', now);
    const replayed = await storeDeposit(world.stores, someDeposit(), now);
    expect(replayed).toMatchObject({ kind: 'gone', stub: { reason: 'user', revision: 2 } });
    expect(await world.stores.master.store.head('t100/mailboxes/9876/messages/m1/media.wav')).toBeNull();
    expect(await collect(listMessages(world.stores, '9876'))).toEqual([]);
  });

  it('for a region that the tenant does not have is refused', async () => {
    await expect(storeDeposit(world.stores, someDeposit({ region: 'mars' }), now)).rejects.toMatchObject({
      reason: 'unknown-region',
    });
  });
});

describe('a staged deposit', () => {
  const stage = () =>
    stageMedia(world.stores, 'westeurope', 'big', { contentType: 'audio/wav', body: Buffer.from('a long sound') });
  const deposit = (stagedKey: string, sha256?: string) =>
    someDeposit({
      region: 'westeurope',
      media: { contentType: 'audio/wav', stagedKey, ...(sha256 === undefined ? {} : { sha256 }) },
    });

  it('is stored from what was staged, which is removed after the commit', async () => {
    const stagedKey = await stage();
    const outcome = await storeDeposit(world.stores, deposit(stagedKey), now);
    if (outcome.kind !== 'stored') throw new Error(outcome.kind);
    expect(await bytesOf((await openMedia(world.stores, outcome.message)).body)).toBe('a long sound');
    expect(await world.stores.regions[1]?.store.head(stagedKey)).toBeNull();
    expect((await storeDeposit(world.stores, deposit(stagedKey), now)).kind).toBe('repeated');
  });

  it('without its object, or with other bytes than it names, is refused', async () => {
    await expect(storeDeposit(world.stores, deposit('staging/t100/none.wav'), now)).rejects.toMatchObject({
      reason: 'media-missing',
    });
    const stagedKey = await stage();
    await expect(storeDeposit(world.stores, deposit(stagedKey, '00'.repeat(32)), now)).rejects.toMatchObject({
      reason: 'media-mismatch',
    });
  });
});

describe('the sweep of leftovers', () => {
  const crashAfterMedia = async (): Promise<void> => {
    const crashing = world.behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'put' && key?.endsWith('metadata.json') === true) throw new Error('the process died');
      }),
    );
    await expect(storeDeposit(crashing, someDeposit(), now)).rejects.toThrow('died');
  };
  const sweep = (at: number) => sweepLeftovers(world.stores, sweepAt(at));

  it('leaves a recording alone that a deposit may still complete', async () => {
    await crashAfterMedia();
    expect(await sweep(START + 7 * DAY_MS - 1)).toEqual({ orphans: 0, staged: 0, stubs: 0, indexEntries: 0 });
    expect((await storeDeposit(world.stores, someDeposit(), now)).kind).toBe('stored');
  });

  it('takes it after 7 days, and a deposit that comes even later is stored again', async () => {
    await crashAfterMedia();
    expect(await sweep(START + 7 * DAY_MS)).toMatchObject({ orphans: 1 });
    expect((await readRecord(world.stores, '9876', 'm1'))?.value).toMatchObject({ gone: true, reason: 'swept' });
    const late = await storeDeposit(world.stores, someDeposit(), now);
    expect(late).toMatchObject({ kind: 'stored', message: { revision: 2 } });
    expect(await collect(listMessages(world.stores, '9876'))).toHaveLength(1);
  });

  it('removes a stub after 35 days, and the index entry after it', async () => {
    await storeDeposit(world.stores, someDeposit(), now);
    await deleteMessage(world.stores, '9876', 'm1', 'user', now);
    expect(await sweep(START + 35 * DAY_MS - 1)).toMatchObject({ stubs: 0, indexEntries: 0 });
    expect(await sweep(START + 35 * DAY_MS)).toMatchObject({ stubs: 1, indexEntries: 1 });
    expect(await collect(world.stores.master.store.list('t100/'))).toEqual([]);
  });

  it('passes over a damaged document and sweeps the others', async () => {
    const key = 't100/mailboxes/9876/messages/damaged/metadata.json';
    await world.stores.master.store.put(key, Buffer.from('{'), { contentType: 'application/json' });
    await crashAfterMedia();
    const failures: string[] = [];
    const options = {
      ...sweepAt(START + 7 * DAY_MS),
      onFailure: (error: Error) => void failures.push('kind' in error ? String(error.kind) : error.name),
    };
    expect(await sweepLeftovers(world.stores, options)).toMatchObject({ orphans: 1 });
    expect(failures).toContain('corrupt');
  });

  it('keeps what a dead letter names, for its replay', async () => {
    const stagedKey = await stageMedia(world.stores, 'westus2', 'x', {
      contentType: 'audio/wav',
      body: Buffer.from('x'),
    });
    const home = { tenant: world.stores, deployment: world.stores.master.store };
    const place = {
      topic: 'voicemail.deposits',
      partition: 0,
      offset: 1,
      key: null,
      headers: {},
      value: Buffer.from('{}'),
    };
    const why = { reason: 'conflict', detail: '', takenAtMs: START, callerId: null };
    const letter = await keepDeadLetter(home, { ...place, ...why, stagedKey }, START);
    expect(await sweep(START + 8 * DAY_MS)).toMatchObject({ staged: 0 });
    await removeDeadLetter(home, letter);
    expect(await sweep(START + 8 * DAY_MS)).toMatchObject({ staged: 1 });
  });

  it('removes what was staged and never deposited', async () => {
    await stageMedia(world.stores, 'westus2', 'x', { contentType: 'audio/wav', body: Buffer.from('x') });
    expect(await sweep(START + 7 * DAY_MS - 1)).toMatchObject({ staged: 0 });
    expect(await sweep(START + 7 * DAY_MS)).toMatchObject({ staged: 1 });
  });
});
