import { TOPICS } from '@voicemail/contracts';
import { expect, it } from 'vitest';
import { MAX_BATCH_THINGS } from './limits.ts';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

interface Told {
  readonly status: string;
  readonly step?: string;
  readonly region?: string;
  readonly messages?: number;
}

/** What followers of `voicemail.gdpr.status` see of a request, without what is the same in all. */
async function told({ log }: GdprWorld): Promise<readonly Told[]> {
  const records = await Array.fromAsync(log.read(TOPICS.gdprStatus));
  const data = records.map(({ value }) => (JSON.parse(Buffer.from(value ?? []).toString()) as { data: Told }).data);
  return data.map(({ status, step, region, messages }) => ({
    status,
    ...(step === undefined ? {} : { step }),
    ...(region === undefined ? {} : { region }),
    ...(messages === undefined ? {} : { messages }),
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
  const mark = (messages: number) => ({ status: 'running', ...place('mark'), messages });
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
  const erase = (messages: number) => ({ status: 'marked', ...place('delete'), messages });
  expect((await told(world)).slice(6)).toEqual([
    erase(0),
    erase(MAX_BATCH_THINGS),
    erase(count),
    { status: 'marked', messages: count },
    { status: 'erased', messages: count },
  ]);
}, 120_000);
