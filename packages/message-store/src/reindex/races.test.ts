import { withFaults, type ObjectStore } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { listDeadLetters, removeDeadLetter } from '../dead-letters.ts';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { markMessage, unmarkMessage } from '../forget-marks.ts';
import { forwardMessage } from '../forward-message.ts';
import { listMailboxes, listMessages, openMedia } from '../read-message.ts';
import { searchCaller } from '../search-caller.ts';
import {
  allContent,
  CALLER,
  FIRST_KEY,
  keepLetterIn,
  later,
  now,
  openCopyWorld,
  volume,
  type CopyWorld,
} from '../storage-copy/world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { collect, someDeposit } from '../test-world.ts';
import { changeState } from '../update-message.ts';
import { reindexTenant } from './reindex-tenant.ts';
import { newReindexReport, type ReindexReport } from './report.ts';

const NEW_KEY = 8;
const MAX_STEPS = 200;
/** In the short form, every third step. */
const STRIDE = isLongForm() ? 1 : 3;
const LETTER = /^dead-letters\/voicemail\.deposits-0-3-/;
const ref = ['9876', 'm1'] as const;

/** Something that a service does while everything is brought under a new key, and what a search finds at the end. */
interface Action {
  readonly name: string;
  readonly run: (stores: TenantStores) => Promise<unknown>;
  readonly found: readonly RegExp[];
}

const actions: readonly Action[] = [
  {
    name: 'a delete',
    run: async (stores) => eraseMessage(stores, (await deleteMessage(stores, ...ref, 'user', later))!),
    found: [LETTER],
  },
  {
    name: 'a delete whose process dies before the recording goes',
    run: (stores) => deleteMessage(stores, ...ref, 'user', later),
    found: [LETTER],
  },
  {
    name: 'a read',
    run: (stores) => changeState(stores, ...ref, { action: 'read', order: { at: later, id: 'e1' } }, later),
    found: [/^9876\/m1$/, LETTER],
  },
  {
    name: 'a forward',
    run: (stores) => forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later),
    found: [/^42\/fwd-/, /^9876\/m1$/, LETTER],
  },
  {
    name: 'the same deposit again',
    run: (stores) => storeDeposit(stores, someDeposit({ region: 'home' }), later),
    found: [/^9876\/m1$/, LETTER],
  },
  {
    name: 'another deposit',
    run: (stores) => storeDeposit(stores, someDeposit({ region: 'home', messageId: 'm2' }), later),
    found: [/^9876\/m1$/, /^9876\/m2$/, LETTER],
  },
  { name: 'a mark', run: (stores) => markMessage(stores, ...ref, 'request-1', later), found: [/^9876\/m1$/, LETTER] },
  {
    name: 'a mark that is taken back',
    run: async (stores) => {
      await markMessage(stores, ...ref, 'request-1', later);
      await unmarkMessage(stores, ...ref, 'request-1', later);
    },
    found: [/^9876\/m1$/, LETTER],
  },
  {
    name: 'the removal of a dead letter',
    run: async (stores) => {
      const home = { tenant: stores, deployment: stores.master.store };
      for (const letter of await collect(listDeadLetters(home))) await removeDeadLetter(home, letter);
    },
    found: [/^9876\/m1$/],
  },
];

let world: CopyWorld;
beforeEach(() => open());

async function open(): Promise<void> {
  world = await openCopyWorld({ source: volume, target: volume, master: 'source' });
  const opened = world;
  onTestFinished(() => opened[Symbol.asyncDispose]());
  await storeDeposit(world.stores, someDeposit({ region: 'home' }), now);
  await keepLetterIn(world.stores, 'source');
}

async function reindex(stores: TenantStores): Promise<ReindexReport> {
  const report = newReindexReport();
  await reindexTenant(stores, { clock: world.clock, signal: new AbortController().signal }, report);
  return report;
}

describe.each(actions)('$name', (action) => {
  it('at any step of a reindex loses nothing, and brings nothing back', async () => {
    let step = 1;
    for (; step <= MAX_STEPS; step += STRIDE) {
      if (step > 1) await open();
      const rotated = world.withKeys(NEW_KEY, FIRST_KEY);
      let steps = 0;
      const at = step;
      const layer = (store: ObjectStore): ObjectStore =>
        withFaults(store, async ({ moment }) => {
          if (moment === 'after') return;
          steps += 1;
          if (steps === at) await action.run(rotated);
        });
      const { master, regions } = world.behind(layer);
      await reindex({ ...rotated, master, regions });
      if (steps < at) break;
      await expectAllIsWell(action, `step ${step}`);
    }
    expect(step).toBeGreaterThan(20);
    expect(step).toBeLessThan(MAX_STEPS);
  }, 120_000);
});

async function expectAllIsWell({ found }: Action, when: string): Promise<void> {
  expect(await reindex(world.withKeys(NEW_KEY, FIRST_KEY)), `at ${when}`).toMatchObject({ isComplete: true });
  const alone = world.withKeys(NEW_KEY);
  const hits = await collect(searchCaller(alone, CALLER));
  const names = hits.map(({ owner, id }) => `${owner}/${id}`).toSorted();
  expect(names, `at ${when}`).toEqual(found.map((name) => expect.stringMatching(name)));
  for (const hit of hits) expect(hit.places, `at ${when}`).toHaveLength(1);
  for await (const mailbox of listMailboxes(alone)) {
    for (const message of await collect(listMessages(alone, mailbox))) {
      const { body, info } = await openMedia(alone, message);
      expect(Buffer.concat(await collect(body)).toString(), `at ${when}`).toBe('RIFF some sound');
      expect(info.tags['forgetme'] === 'true', `at ${when}`).toBe(message.forgetMarkedAt !== undefined);
    }
  }
  const old = world.stores.hashes.current('t100', CALLER);
  expect(JSON.stringify(await allContent(alone)), `at ${when}`).not.toContain(old);
}
