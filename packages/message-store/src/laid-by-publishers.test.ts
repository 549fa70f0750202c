import { existsSync } from 'node:fs';
import { systemClock } from '@voicemail/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepDeadLetter, removeDeadLetter } from './dead-letters.ts';
import { storeDeposit } from './deposit.ts';
import { openSharedVolumes, type SharedVolumes } from './shared-volumes.ts';
import { eraseStaged } from './stage.ts';
import { suppressDeposit } from './suppress-deposit.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { someDeposit, START, sweepAt } from './test-world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const STAGED = 'staging/t100/later.wav';
/** By which a volume says when a file came there. */
const BEGIN = Math.floor(systemClock().now());
const now = new Date(START).toISOString();
const media = { contentType: 'audio/wav', stagedKey: STAGED };

let volumes: SharedVolumes;
beforeEach(async () => {
  volumes = await openSharedVolumes(BEGIN);
});
afterEach(() => volumes.world.remove());

const isThere = (): boolean => existsSync(volumes.pathOf('westeurope', STAGED));
const sweep = (atMs: number) => sweepLeftovers(volumes.world.stores, sweepAt(atMs));

describe('a recording that a publisher laid on a volume, and nobody has looked at', () => {
  it('goes with a deposit that is suppressed', async () => {
    await volumes.lay('westeurope', STAGED, 'a long sound');
    await suppressDeposit(volumes.world.stores, someDeposit({ region: 'westeurope', media }), now);
    expect(isThere()).toBe(false);
    await expect(
      storeDeposit(volumes.world.stores, someDeposit({ messageId: 'm2', region: 'westeurope', media }), now),
    ).rejects.toMatchObject({ reason: 'media-missing' });
  });

  it('is erased by its key, whichever region it lies in', async () => {
    await volumes.lay('westeurope', STAGED, 'a long sound');
    expect(await eraseStaged(volumes.world.stores, STAGED)).toEqual([]);
    expect(isThere()).toBe(false);
  });

  it('is swept seven days after it came there, however old it is and however late the sweep first sees it', async () => {
    await volumes.lay('westeurope', STAGED, 'a long sound', BEGIN - 30 * DAY_MS);
    await volumes.world.clock.advance(7 * DAY_MS - HOUR_MS);
    expect(await sweep(BEGIN + 7 * DAY_MS - HOUR_MS)).toMatchObject({ staged: 0 });
    expect(isThere()).toBe(true);
    await volumes.world.clock.advance(2 * HOUR_MS);
    expect(await sweep(BEGIN + 7 * DAY_MS + HOUR_MS)).toMatchObject({ staged: 1 });
    expect(isThere()).toBe(false);
  });

  it('stays for a dead letter that names it, and goes after it', async () => {
    const home = { tenant: volumes.world.stores, deployment: volumes.world.stores.master.store };
    const letter = await keepDeadLetter(
      home,
      {
        topic: 'voicemail.deposits',
        partition: 0,
        offset: 1,
        key: null,
        headers: {},
        value: Buffer.from('{}'),
        takenAtMs: BEGIN,
        reason: 'media-missing',
        detail: '',
        callerId: null,
        stagedKey: STAGED,
      },
      BEGIN,
    );
    await volumes.lay('westeurope', STAGED, 'a long sound');
    await volumes.world.clock.advance(8 * DAY_MS);
    expect(await sweep(BEGIN + 8 * DAY_MS)).toMatchObject({ staged: 0 });
    expect(isThere()).toBe(true);
    await removeDeadLetter(home, letter);
    expect(await sweep(BEGIN + 8 * DAY_MS)).toMatchObject({ staged: 1 });
    expect(isThere()).toBe(false);
  });
});
