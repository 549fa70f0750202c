import { expect, it } from 'vitest';
import { claimMasterRegion } from '../claim-master-region.ts';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { mortalAt } from '../mortal.ts';
import { markMessage } from '../forget-marks.ts';
import { changeMailbox } from '../mailbox-settings.ts';
import { allContent, keepLetterIn, later, now, openCopyWorld, volume, type CopyWorld } from './world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { someDeposit } from '../test-world.ts';
import { WrongMasterRegion } from '../wrong-master-region.ts';

/** More steps than any copy here has: a test that reaches it has lost its way. */
const MAX_STEPS = 300;

/** A message of each kind that a copy treats in a way of its own. */
async function fill(stores: TenantStores): Promise<void> {
  const region = 'source';
  await storeDeposit(stores, someDeposit({ messageId: 'marked', region }), now);
  await markMessage(stores, '9876', 'marked', 'request-1', later);
  const british = { ...stores, defaultCountry: 'GB', formerDefaultCountries: [] };
  await storeDeposit(british, someDeposit({ messageId: 'british', region, callerId: '020 7946 0018' }), now);
  await storeDeposit(stores, someDeposit({ messageId: 'deleted', region }), now);
  const deleted = await deleteMessage(stores, '9876', 'deleted', 'user', later);
  if (deleted !== null) await eraseMessage(stores, deleted);
  await changeMailbox(stores, '9876', { kind: 'personal', owner: 'agent1', status: 'active' }, { time: now, id: 'e1' });
  await keepLetterIn(stores, 'source');
}

interface Case {
  readonly name: string;
  readonly master: 'source' | 'home';
  readonly isAlone: boolean;
}

const cases: readonly Case[] = [
  { name: 'a copy beside running services', master: 'home', isAlone: false },
  { name: 'a copy of a region while nothing else runs', master: 'home', isAlone: true },
  { name: 'a copy of the master region while nothing else runs', master: 'source', isAlone: true },
];

it.each(cases)(
  '$name ends the same wherever between two writes the process dies in it',
  async (kind) => {
    const undisturbed = await outcome(kind, null);
    const hit: string[] = [];
    for (let step = 1; step <= MAX_STEPS; step += 1) {
      const disturbed = await outcome(kind, step);
      if (disturbed.diedAt === null) break;
      hit.push(disturbed.diedAt);
      expect(disturbed.content, `died at ${disturbed.diedAt}`).toEqual(undisturbed.content);
    }
    expect(hit.length).toBeGreaterThan(10);
    expect(hit.length).toBeLessThan(MAX_STEPS);
  },
  240_000,
);

/** Copies in a process that dies, looks at what a start would say then, and runs the copy again. */
async function outcome(kind: Case, dieAt: number | null): Promise<{ content: unknown; diedAt: string | null }> {
  await using world = await openCopyWorld({ source: volume, target: volume, master: kind.master });
  await fill(world.stores);
  const { layer, diedAt } = mortalAt(dieAt);
  const copy = world.copy(world.behind(layer), { isAlone: kind.isAlone });
  if (dieAt === null) await copy;
  else await copy.catch((error: unknown) => expect(String(error)).toContain('the process died'));
  await expectOneMasterAtMost(world);
  const again = await world.copy(world.stores, { isAlone: kind.isAlone });
  expect(again).toMatchObject({ failed: 0, left: { recordings: 0, unfinished: 0, isMaster: false } });
  return { content: await allContent(world.stores), diedAt: diedAt() };
}

/** A start from the source, one from the target, or none: never one that would serve a part of the tenant. */
async function expectOneMasterAtMost(world: CopyWorld): Promise<void> {
  const starts = ['source', 'target', 'home'].map((name) => claimMasterRegion(world.withMaster(name), false));
  const answers = await Promise.allSettled(starts);
  expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
  for (const answer of answers) {
    if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(WrongMasterRegion);
  }
}
