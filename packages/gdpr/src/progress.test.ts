import { TOPICS } from '@voicemail/contracts';
import type { GdprOperation } from '@voicemail/domain';
import { LogError, withAppend } from '@voicemail/event-log';
import { createLedgers } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { waitFor } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { MAX_BATCH_THINGS } from './limits.ts';
import { nothingTold } from './news.ts';
import { tell } from './tell.ts';
import {
  CALLER,
  DAY_MS,
  mortalWorker,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
} from './testing/gdpr-world.ts';

interface Told {
  readonly status: string;
  readonly step?: string;
  readonly region?: string;
  readonly messages?: number;
  readonly changed?: number;
}

/** What followers of `voicemail.gdpr.status` see of a request, without what is the same in all. */
async function told({ log }: GdprWorld): Promise<readonly Told[]> {
  const records = await Array.fromAsync(log.read(TOPICS.gdprStatus));
  const data = records.map(({ value }) => (JSON.parse(Buffer.from(value ?? []).toString()) as { data: Told }).data);
  return data.map(({ status, step, region, messages, changed }) => ({
    status,
    ...(step === undefined ? {} : { step }),
    ...(region === undefined ? {} : { region }),
    ...(messages === undefined ? {} : { messages }),
    ...(changed === undefined ? {} : { changed }),
  }));
}

it('a long request tells batch by batch how far it is, in its document and on its topic', async () => {
  await using world = await openGdprWorld();
  const count = MAX_BATCH_THINGS + 20;
  const ids = Array.from({ length: count }, (_, index) => `m${index}`);
  while (ids.length > 0)
    await Promise.all(ids.splice(0, 20).map((messageId) => world.deposit({ messageId, region: 'westus2' })));
  const worker = world.worker();
  const at = new Date(world.clock.now()).toISOString();
  await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at, CALLER), at);
  await worker.work();
  const place = (step: string) => ({ step, region: 'westus2' });
  const mark = (changed: number) => ({ status: 'running', ...place('mark'), changed });
  expect(await told(world)).toEqual([
    { status: 'accepted' },
    { status: 'running' },
    mark(0),
    mark(MAX_BATCH_THINGS),
    mark(count),
    { status: 'marked', messages: count },
  ]);
  expect(await worker.request('f1')).toMatchObject({ steps: [{ ...place('mark'), changed: count }] });

  await world.clock.advance(DAY_MS);
  await worker.rule();
  // What was found stays what it is, however much of it is deleted.
  const erase = (changed: number) => ({ status: 'marked', ...place('delete'), messages: count, changed });
  expect((await told(world)).slice(6)).toEqual([
    erase(0),
    erase(MAX_BATCH_THINGS),
    erase(count),
    { status: 'marked', messages: count },
    { status: 'erased', messages: count },
  ]);
}, 120_000);

it('tells the step that it goes on with after a region was down, and of one that waits the region alone', async () => {
  await using world = await openGdprWorld();
  const worker = world.worker();
  const { tenant } = worker.stores;
  const at = new Date(world.clock.now()).toISOString();
  await worker.gdpr.take(worker.stores, request('f1', 'forgetme', at, CALLER), at);
  const place = { tenant, ledger: createLedgers(world.clock)(worker.stores) };
  await place.ledger.refresh();
  const already = nothingTold();
  const context = { ...world, ids: systemIds(), toldOf: () => already };
  const of = { requestId: 'f1', at };
  const mark = { step: 'mark', region: 'westus2' } as const;
  const began = { kind: 'began', ...of, regions: ['westus2'] } as const;
  await tell(context, place, began);
  await tell(context, place, { kind: 'intends', ...of, ...mark, things: ['9876/m1'] });
  await tell(context, place, { kind: 'waiting', ...of, regions: ['westeurope'] });
  await tell(context, place, { kind: 'did', ...of, ...mark, changed: 1 });
  await tell(context, place, began);
  const waiting = { status: 'waiting-for-region', region: 'westeurope' };
  expect((await told(world)).slice(2)).toEqual([
    { status: 'running', ...mark, changed: 0 },
    waiting,
    waiting,
    { status: 'running', ...mark, changed: 1 },
  ]);
});

describe('where a request is', () => {
  const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();
  /** Each status once that is told under one id. */
  async function statuses({ log }: GdprWorld, requestId: string): Promise<readonly string[]> {
    const byId = new Map<string, string>();
    for await (const { value } of log.read(TOPICS.gdprStatus)) {
      const event = JSON.parse(Buffer.from(value ?? []).toString()) as {
        id: string;
        data: Told & { requestId: string };
      };
      if (event.data.requestId === requestId) byId.set(event.id, event.data.status);
    }
    return [...byId.values()];
  }
  async function ask(world: GdprWorld, { gdpr, stores }: Worker, id: string, operation: GdprOperation): Promise<void> {
    await gdpr.take(stores, request(id, operation, at(world), CALLER), at(world));
  }

  it('is told of a forget too that an undo took back', async () => {
    await using world = await openGdprWorld();
    await world.deposit({ messageId: 'm1' });
    const worker = world.worker();
    await ask(world, worker, 'f1', 'forgetme');
    await worker.work();
    await ask(world, worker, 'u1', 'undoforget');
    await worker.work();
    expect((await statuses(world, 'f1')).at(-1)).toBe('undone');
    expect((await statuses(world, 'u1')).at(-1)).toBe('undone');
  });

  it('is told by the next process where one died before it told', async () => {
    let hits = 0;
    for (let dieAt = 1; ; dieAt += 1) {
      await using world = await openGdprWorld();
      await world.deposit({ messageId: 'm1' });
      const { worker, diedAt } = mortalWorker(world, dieAt);
      const run = async (by: Worker): Promise<void> => {
        await ask(world, by, 'f1', 'forgetme');
        await by.work();
      };
      await run(worker).catch((error: unknown) => expect(String(error)).toContain('the process died'));
      if (diedAt() === null) break;
      hits += 1;
      await run(world.worker());
      expect((await statuses(world, 'f1')).at(-1), `died at ${diedAt()}`).toBe('marked');
    }
    expect(hits).toBeGreaterThan(20);
  });

  it('is told when the log is there again, also of one with which nothing is left to do', async () => {
    await using world = await openGdprWorld();
    let isDown = false;
    const log = withAppend(world.log, async (records) => {
      if (isDown) throw new LogError('unavailable', 'the log is down');
      return world.log.append(records);
    });
    const worker = world.worker({ log });
    await ask(world, worker, 'f1', 'forgetme');
    const working = worker.gdpr.work(worker.stores, new AbortController().signal);
    await waitFor('it has begun', async () => (await worker.request('f1'))?.phase === 'running');
    isDown = true;
    expect(await world.whileTimePasses(working)).toBe('later');
    expect(await worker.request('f1')).toMatchObject({ phase: 'marked' });
    expect((await statuses(world, 'f1')).at(-1)).toBe('running');
    isDown = false;
    await worker.work();
    expect((await statuses(world, 'f1')).at(-1)).toBe('marked');
  });
});
