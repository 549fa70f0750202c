import { CALLER, openGdprWorld, request, type GdprWorld } from '@voicemail/gdpr/testing';
import type { ServedTenant, TenantDirectory, TenantStores } from '@voicemail/message-store';
import { StoreError, withFaults } from '@voicemail/object-store';
import { createLogger, systemIds } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTenantWorkers, type TenantWorkers } from './tenant-workers.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** A look comes at most this long after it is due, and time passes in steps. */
const ROOM_MS = 1_500;

let world: GdprWorld;
let workers: TenantWorkers;
let stores: TenantStores;
/** Regions that are down, or take as long as that for each call. */
const down = new Set<string>();
const slowMs = new Map<string, number>();
/** When each region was asked whether it is up, ms since the start. */
let looks: Map<string, number[]>;
let startMs: number;

beforeEach(async () => {
  world = await openGdprWorld();
  startMs = world.clock.now();
  down.clear();
  slowMs.clear();
  looks = new Map();
  stores = world.world.behind((store, region) =>
    withFaults(store, async ({ moment, operation, key }) => {
      if (moment === 'after') return;
      if (operation === 'check') looks.set(region, [...(looks.get(region) ?? []), world.clock.now() - startMs]);
      if (slowMs.has(region)) await world.clock.sleep(slowMs.get(region) ?? 0);
      if (down.has(region)) throw new StoreError('unavailable', operation, key, 'the region is down');
    }),
  );
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope' });
});
afterEach(async () => {
  slowMs.clear();
  await world.whileTimePasses(workers.stop());
  await world[Symbol.asyncDispose]();
});

/** Takes a forget in, and has it worked on. */
async function forget(): Promise<void> {
  const { gdpr } = world.worker({ stores });
  const served = { tenant: { tenantId: 't100', status: 'ACTIVE' }, stores } as ServedTenant;
  const tenants = { all: () => [served], byId: () => served } as unknown as TenantDirectory;
  const logger = createLogger({ level: 'silent', name: 'test' });
  workers = startTenantWorkers({ gdpr, tenants, clock: world.clock, ids: systemIds(), logger });
  const at = new Date(world.clock.now()).toISOString();
  await gdpr.take(world.world.stores, request('f1', 'forgetme', at, CALLER), at);
  workers.wake(served);
}

const passes = (ms: number): Promise<void> => world.whileTimePasses(world.clock.sleep(ms));
const phaseOf = async (): Promise<string | undefined> => (await world.worker().request('f1'))?.phase;

/** Time passes until the request is marked. @returns how long that took, ms. */
async function marked(limitMs: number): Promise<number> {
  const fromMs = world.clock.now();
  while ((await phaseOf()) !== 'marked') {
    const tookMs = world.clock.now() - fromMs;
    expect(tookMs).toBeLessThan(limitMs);
    await passes(SECOND_MS);
  }
  return world.clock.now() - fromMs;
}

describe('a region that is down', () => {
  it.each(['westeurope', 'westus2'])(
    'for an hour, %s, is asked again after a second at first and every minute at last, and when it is back the request goes on',
    async (region) => {
      const isMaster = region === 'westus2';
      if (!isMaster) down.add(region);
      await forget();
      if (isMaster) down.add(region);
      await passes(HOUR_MS);
      if (!isMaster) {
        expect(await world.worker().request('f1')).toMatchObject({ phase: 'waiting', waitsFor: [region] });
        const asked = looks.get(region) ?? [];
        const pauses = asked.slice(1).map((atMs, index) => atMs - asked[index]!);
        expect(pauses[0]).toBeLessThanOrEqual(SECOND_MS + ROOM_MS);
        expect(Math.max(...pauses)).toBeLessThanOrEqual(60 * SECOND_MS + ROOM_MS);
        // Half a minute between two of them on average, and not each second.
        expect(asked.length).toBeGreaterThan(60);
        expect(asked.length).toBeLessThan(360);
      }
      down.clear();
      await marked(60 * SECOND_MS + 20 * SECOND_MS);
    },
    60_000,
  );

  it('for as long as its calls hang is one that is down, and named', async () => {
    slowMs.set('westeurope', 7 * SECOND_MS);
    await forget();
    await passes(20 * SECOND_MS);
    expect(await world.worker().request('f1')).toMatchObject({ phase: 'waiting', waitsFor: ['westeurope'] });
    slowMs.clear();
    await marked(80 * SECOND_MS);
  });
});

it('a region that is slow makes a request slow, and nothing else', async () => {
  slowMs.set('westeurope', 3 * SECOND_MS);
  slowMs.set('westus2', SECOND_MS / 2);
  await forget();
  const tookMs = await marked(300 * SECOND_MS);
  expect(tookMs).toBeGreaterThan(10 * SECOND_MS);
  expect(await world.worker().request('f1')).toMatchObject({
    intents: [],
    steps: [{ region: 'westus2', changed: 2 }, { region: 'westeurope' }],
  });
  expect((await world.facts('forget-marked')).size).toBe(2);
});

it('what another process took in is found without being told of', async () => {
  await forget();
  await marked(60 * SECOND_MS);
  const at = new Date(world.clock.now()).toISOString();
  const other = world.worker();
  await other.gdpr.take(other.stores, request('u1', 'undoforget', at, CALLER), at);
  await passes(45 * SECOND_MS);
  expect(await other.request('u1')).toMatchObject({ phase: 'undone' });
});
