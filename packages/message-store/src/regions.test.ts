import { withFaults, type ObjectStore } from '@voicemail/object-store';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EVERY_MIX, onStores } from './contract/store-kinds.ts';
import { deleteMessage } from './delete-message.ts';
import { storeDeposit } from './deposit.ts';
import { markMessage } from './forget-marks.ts';
import { openMedia, readMessage } from './read-message.ts';
import { Refusal } from './refusal.ts';
import { stageMedia } from './stage.ts';
import { sweepExpired } from './sweep-expired.ts';
import { changeMailbox } from './mailbox-settings.ts';
import { collect, someDeposit, START, sweepAt, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';

const DAY_MS = 86_400_000;
const now = new Date(START).toISOString();

onStores('regions', EVERY_MIX, (open) => {
  let world: World;

  beforeEach(async () => {
    world = await open();
    await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
  });
  afterEach(() => world.remove());

  const textOf = async (body: AsyncIterable<Uint8Array>): Promise<string> =>
    Buffer.concat(await collect(body)).toString();

  it('while the master region hangs, media goes into the others and out of them', async () => {
    const message = (await readMessage(world.stores, '9876', 'm1'))!.value;
    const hanging = (store: ObjectStore): ObjectStore => withFaults(store, () => new Promise(() => undefined));
    const stores = world.behind((store, region) => (region === 'westus2' ? hanging(store) : store));
    const audio = { contentType: 'audio/wav', body: Buffer.from('RIFF another sound') };
    const stagedKey = await stageMedia(stores, 'westeurope', 'big', audio);
    expect(await textOf((await stores.regions[1]!.store.get(stagedKey))!.body)).toBe('RIFF another sound');
    expect(await textOf((await openMedia(stores, message)).body)).toBe('RIFF some sound');
  });

  it('of which one left the tenants’ file while a message names it: what needs it says so, and nothing is done by half', async () => {
    const without: TenantStores = { ...world.stores, regions: [world.stores.master] };
    const refused = { name: 'Refusal', reason: 'unknown-region' };
    const message = (await readMessage(without, '9876', 'm1'))!.value;
    expect(message.region).toBe('westeurope');
    await expect(openMedia(without, message)).rejects.toMatchObject(refused);
    await expect(deleteMessage(without, '9876', 'm1', 'user', now)).rejects.toMatchObject(refused);
    await expect(storeDeposit(without, someDeposit({ region: 'westeurope' }), now)).rejects.toMatchObject(refused);

    const order = { time: now, id: 'e1' };
    await changeMailbox(without, '9876', { kind: 'personal', retentionDays: 1, status: 'active' }, order);
    const failures: unknown[] = [];
    const sweep = { ...sweepAt(START + 2 * DAY_MS), onFailure: (error: Error) => void failures.push(error) };
    expect(await collect(sweepExpired(without, sweep, async () => false))).toEqual([]);
    expect(failures).toEqual([expect.any(Refusal)]);
    expect((await readMessage(without, '9876', 'm1'))?.value).toEqual(message);

    await expect(markMessage(without, '9876', 'm1', 'one', now)).rejects.toMatchObject(refused);
    expect(await markMessage(world.stores, '9876', 'm1', 'one', now)).toMatchObject({ fact: 'forget-marked' });
    const media = await world.stores.regions[1]!.store.head(message.media.key);
    expect(media?.tags).toMatchObject({ forgetme: 'true' });
  });
});
