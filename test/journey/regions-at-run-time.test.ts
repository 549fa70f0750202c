import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { listDeadLetters, listMessages, readMessage, type TenantStores } from '@voicemail/message-store';
import {
  failingFast,
  StoreError,
  withFaults,
  withTimeout,
  type FaultPlan,
  type ObjectStore,
} from '@voicemail/object-store';
import { waitFor } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionRecord, depositRecord } from '../support/events.ts';
import { openDeployment, type Deployment, type Layers, type Running } from '../support/in-process.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** More than are handled at once. */
const BACKLOG = 40;
let deployment: Deployment;
let running: Running;

interface TenantEntry {
  tenant_id: string;
  tenant_uuid: string;
  name: string;
  master_region: string;
  regions: { name: string; storage: { interface: string; root: string } }[];
}

beforeEach(async () => {
  deployment = await openDeployment();
});
afterEach(async () => {
  await running.stop();
  await deployment.remove();
});

/** Changes the tenants' file; a running deployment looks at it within the hour. */
async function changeTenants(change: (tenants: TenantEntry[]) => void): Promise<void> {
  const file = join(deployment.folder, 'tenants.json');
  const tenants = JSON.parse(await readFile(file, 'utf8')) as TenantEntry[];
  change(tenants);
  await writeFile(file, JSON.stringify(tenants));
}

const volume = (name: string) => ({
  name,
  storage: { interface: 'FileSystem', root: join(deployment.folder, 'regions', name) },
});
const storesOf = (tenant: string): TenantStores => running.tenants.byId(tenant)!.stores;
const regionsInForce = (): readonly string[] => storesOf('t100').regions.map(({ name }) => name);
const untilInForce = (regions: readonly string[]): Promise<unknown> =>
  waitFor('the changed regions are in force', async () => {
    await deployment.clock.advance(HOUR_MS);
    return regionsInForce().toSorted().join() === regions.toSorted().join();
  });
const reasons = async (): Promise<string[]> => {
  const letters = listDeadLetters({ tenant: storesOf('t100'), deployment: running.deployment });
  return (await Array.fromAsync(letters)).map(({ reason }) => reason);
};
const messagesOf = async (tenant: string, mailbox: string): Promise<string[]> =>
  (await Array.fromAsync(listMessages(storesOf(tenant), mailbox))).map(({ messageId }) => messageId);

describe('a tenant’s regions', () => {
  beforeEach(async () => {
    running = await deployment.run();
  });

  it('may grow while it is served: deposits for the new one are stored from then on', async () => {
    const forNew = (id: string) => depositRecord('9876', id, { region: 'northeurope' });
    await running.log.append([forNew('early')]);
    await running.settle();
    expect(await reasons()).toEqual(['unknown-region']);
    await changeTenants(([tenant]) => void tenant?.regions.push(volume('northeurope')));
    await untilInForce(['northeurope', 'westeurope', 'westus2']);
    await running.log.append([forNew('late')]);
    await running.settle();
    expect(await messagesOf('t100', '9876')).toEqual(['late']);
    expect(await reasons()).toEqual(['unknown-region']);
    const { store } = storesOf('t100').regions.find(({ name }) => name === 'northeurope')!;
    expect(await store.head('t100/mailboxes/9876/messages/late/media.wav')).not.toBeNull();
  });

  it('may shrink while messages name one: they can be read about and changed, and are not deleted by half', async () => {
    await running.log.append([depositRecord('9876', 'm1', { region: 'westeurope' })]);
    await running.settle();
    await changeTenants(([tenant]) => void tenant?.regions.pop());
    await untilInForce(['westus2']);
    const remove = (id: string) => actionRecord('9876', 'm1', id, 2, { action: 'delete' });
    await running.log.append([actionRecord('9876', 'm1', 'a1', 1, { action: 'read' }), remove('a2')]);
    await running.settle();
    expect((await readMessage(storesOf('t100'), '9876', 'm1'))?.value).toMatchObject({ state: 'old', revision: 2 });
    expect(await reasons()).toEqual(['unknown-region']);
    await changeTenants(([tenant]) => void tenant?.regions.push(volume('westeurope')));
    await untilInForce(['westeurope', 'westus2']);
    await running.log.append([remove('a3')]);
    await running.settle();
    expect(await messagesOf('t100', '9876')).toEqual([]);
    const { store } = storesOf('t100').regions.find(({ name }) => name === 'westeurope')!;
    expect(await Array.fromAsync(store.list('t100/'))).toEqual([]);
  });
});

describe('a master region', () => {
  /** What the master region of t100 does to every call. */
  let fault: FaultPlan;

  /** As a server puts them round a volume. */
  const layers = (): Layers => ({
    store: (store, region) => {
      if (region !== 'westus2') return store;
      const faulty = withFaults(store, (step) => fault(step));
      const within = (ms: number): ObjectStore => withTimeout(faulty, ms, deployment.clock);
      return failingFast(within(30 * SECOND_MS), {
        probe: () => within(5 * SECOND_MS).head('.identity'),
        suspectAfterMs: 3 * SECOND_MS,
        lookAgainAfterMs: SECOND_MS,
        clock: deployment.clock,
      });
    },
  });

  beforeEach(async () => {
    await changeTenants((tenants) => {
      const [t100] = tenants;
      tenants.push({
        ...t100!,
        name: 't200',
        tenant_id: 't200',
        tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7e',
        master_region: 'eastus',
        regions: [volume('eastus')],
      });
    });
    fault = () => undefined;
    running = await deployment.run(layers());
  });

  /** Deposits of t100, each for a mailbox of its own, and after them one of t200. */
  const append = async (round: string): Promise<void> => {
    const many = Array.from({ length: BACKLOG }, (_, index) => depositRecord(String(index + 1), `${round}-${index}`));
    await running.log.append([...many, depositRecord('9876', round, { tenant: 't200', region: 'eastus' })]);
  };
  const otherIsStored = (messageId: string): Promise<boolean> =>
    readMessage(storesOf('t200'), '9876', messageId).then((message) => message !== null);
  const storedOfMany = async (): Promise<number> => {
    const found = await Promise.all(
      Array.from({ length: BACKLOG }, (_, index) => messagesOf('t100', String(index + 1))),
    );
    return found.flat().length;
  };
  const untilAllAreStored = (count: number): Promise<unknown> =>
    waitFor(
      'the deposits that waited are stored',
      async () => {
        await deployment.clock.advance(HOUR_MS / 6);
        await running.settle();
        return (await storedOfMany()) === count;
      },
      Boolean,
      { limitMs: 30_000 },
    );

  it('that hangs keeps the other tenants for the moments until it is found out, then not at all, and loses nothing', async () => {
    fault = ({ moment }) => (moment === 'before' ? new Promise(() => undefined) : undefined);
    await append('first');
    await deployment.clock.advance(8 * SECOND_MS);
    await waitFor('the other tenant’s deposit is stored', () => otherIsStored('first'));
    await append('second');
    await waitFor('the other tenant’s next deposit is stored', () => otherIsStored('second'));
    fault = () => undefined;
    await untilAllAreStored(2 * BACKLOG);
    expect(await reasons()).toEqual([]);
  }, 60_000);

  it('that is down keeps the other tenants for a few attempts at most, and loses nothing', async () => {
    let calls = 0;
    fault = ({ moment, operation, key }) => {
      if (moment === 'before') calls += 1;
      throw new StoreError('unavailable', operation, key, 'nothing answers at its address');
    };
    await append('first');
    await waitFor('the other tenant’s deposit is stored', async () => {
      if (await otherIsStored('first')) return true;
      await deployment.clock.advance(SECOND_MS / 10);
      return false;
    });
    // Four each at once; on a real broker time passes meanwhile, and what was put by comes again.
    expect(calls).toBeLessThan(20 * BACKLOG);
    fault = () => undefined;
    await untilAllAreStored(BACKLOG);
    expect(await reasons()).toEqual([]);
  }, 60_000);
});
