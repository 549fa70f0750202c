import { TOPICS } from '@voicemail/contracts';
import { createLedgers } from '@voicemail/message-store';
import { systemIds } from '@voicemail/runtime';
import { expect, it } from 'vitest';
import { MAX_BATCH_THINGS } from './limits.ts';
import { tell } from './tell.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

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
  const context = { ...world, ids: systemIds() };
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
