import type { Metadata } from '@voicemail/domain';
import { StoreError, withFaults, type ObjectStore } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { markMessage, unmarkMessage } from '../forget-marks.ts';
import { forwardMessage } from '../forward-message.ts';
import { listMarked } from '../mark-index.ts';
import { listMailboxes, listMessages, openMedia, readMessage } from '../read-message.ts';
import { Refusal } from '../refusal.ts';
import { searchCaller } from '../search-caller.ts';
import { CALLER, contentOf, later, now, openCopyWorld, volume, type CopyWorld } from './world.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { collect, someDeposit } from '../test-world.ts';
import { changeState } from '../update-message.ts';

const SOUND = 'RIFF some sound';
/** More steps than a copy of one message has. */
const MAX_STEPS = 200;
/** In the short form, every third step of a copy. */
const STRIDE = isLongForm() ? 1 : 3;
/** As often as a consumer tries a record in place. */
const MAX_ATTEMPTS = 3;

/** Something that a service does to the message while it is moved, and what is left of it at the end. */
interface Action {
  readonly name: string;
  /** Ends with what the action itself promises. @param seen the metadata as it was read before anything else happened. */
  readonly run: (stores: TenantStores, seen: Metadata) => Promise<unknown>;
  /** The messages at the end, by mailbox and id; the moved one alone unless told. */
  readonly left?: readonly RegExp[];
  /** Fields of the moved message. */
  readonly message?: Partial<Metadata>;
}

const ref = ['9876', 'm1'] as const;
const deposit = (more: Parameters<typeof someDeposit>[0]) => (stores: TenantStores) =>
  storeDeposit(stores, someDeposit(more), later);

const actions: readonly Action[] = [
  {
    name: 'a delete',
    run: async (stores) => {
      const outcome = await deleteMessage(stores, ...ref, 'user', later);
      await eraseMessage(stores, outcome!);
    },
    left: [],
  },
  {
    name: 'a delete whose process dies before the recording goes',
    run: (stores) => deleteMessage(stores, ...ref, 'user', later),
    left: [],
  },
  {
    name: 'a read',
    run: (stores) => changeState(stores, ...ref, { action: 'read', order: { at: later, id: 'e1' } }, later),
    message: { state: 'old', revision: 2, modifiedAt: later },
  },
  {
    name: 'a forward',
    run: (stores) => forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later),
    left: [/^42\/fwd-/, /^9876\/m1$/],
    message: { revision: 2, modifiedAt: later },
  },
  { name: 'the same deposit again', run: deposit({ region: 'source' }) },
  { name: 'the same deposit again, now for the target', run: deposit({ region: 'target' }) },
  {
    name: 'another recording under the same id, for the target',
    run: async (stores) => {
      const bytes = Buffer.from('RIFF other sound');
      const other = deposit({ region: 'target', media: { contentType: 'audio/wav', bytes } });
      await expect(persistently(() => other(stores))).rejects.toThrow(Refusal);
    },
  },
  {
    name: 'another deposit',
    run: deposit({ region: 'source', messageId: 'm2' }),
    left: [/^9876\/m1$/, /^9876\/m2$/],
  },
  {
    name: 'a mark',
    run: (stores) => markMessage(stores, ...ref, 'request-1', later),
    message: { forgetMarkedAt: later, revision: 2, modifiedAt: later },
  },
  {
    name: 'a mark that is taken back',
    run: async (stores) => {
      await markMessage(stores, ...ref, 'request-1', later);
      await unmarkMessage(stores, ...ref, 'request-1', later);
    },
    message: { revision: 3, modifiedAt: later },
  },
  {
    name: 'listening to what was looked up before',
    run: async (stores, seen) => {
      const { body } = await openMedia(stores, seen);
      expect(Buffer.concat(await collect(body)).toString()).toBe(SOUND);
    },
  },
  {
    name: 'a search for the caller',
    run: async (stores) => {
      const hits = await collect(searchCaller(stores, CALLER));
      expect(hits.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['message m1']);
    },
  },
];

let world: CopyWorld;
let seen: Metadata;
beforeEach(() => open());

async function open(): Promise<void> {
  world = await openCopyWorld({ source: volume, target: volume, master: 'home' });
  const opened = world;
  onTestFinished(() => opened[Symbol.asyncDispose]());
  await storeDeposit(world.stores, someDeposit({ region: 'source' }), now);
  seen = (await readMessage(world.stores, ...ref))!.value;
}

/** As a consumer does: what failed for a reason that passes is tried again. */
async function persistently<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof StoreError && error.retryable) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Stores whose user is held up at one of its steps while something else happens. @returns whether that step was reached. */
function interrupted(at: number, meanwhile: () => Promise<unknown>) {
  let steps = 0;
  const layer = (store: ObjectStore): ObjectStore =>
    withFaults(store, async ({ moment }) => {
      if (moment === 'after') return;
      steps += 1;
      if (steps === at) await meanwhile();
    });
  return { layer, wasReached: () => steps >= at };
}

async function expectAllIsWell({ left = [/^9876\/m1$/], message = {} }: Action, when: string): Promise<void> {
  const again = await world.copy();
  expect(again, `at ${when}`).toMatchObject({ failed: 0, left: { recordings: 0, unfinished: 0 } });
  const { stores } = world;
  const messages: Metadata[] = [];
  for await (const mailbox of listMailboxes(stores)) messages.push(...(await collect(listMessages(stores, mailbox))));
  const names = messages.map(({ mailbox, messageId }) => `${mailbox}/${messageId}`).toSorted();
  expect(names, `at ${when}`).toEqual(left.map((name) => expect.stringMatching(name)));
  const places = messages.map(({ region, media }) => ({ region, key: media.key }));
  for (const found of messages) {
    expect(found.region, `at ${when}`).toBe('target');
    const { body, info } = await openMedia(stores, found);
    expect(Buffer.concat(await collect(body)).toString(), `at ${when}`).toBe(SOUND);
    expect(info.tags['forgetme'], `at ${when}`).toBe(found.forgetMarkedAt === undefined ? undefined : 'true');
  }
  const moved = messages.find(({ messageId }) => messageId === 'm1');
  if (moved !== undefined)
    expect(moved, `at ${when}`).toEqual({ ...seen, ...pickKnown(moved), ...message, region: 'target' });
  // Nothing lies anywhere that no message has, and a search finds each message once, where it is.
  const recordings = Object.keys(await contentOf(stores, 'target')).filter((key) => key.includes('/media.'));
  expect(recordings.toSorted(), `at ${when}`).toEqual(places.map(({ key }) => key).toSorted());
  expect(await contentOf(stores, 'source'), `at ${when}`).toEqual({});
  const hits = await collect(searchCaller(stores, CALLER));
  expect(hits.map(({ owner, id }) => `${owner}/${id}`).toSorted(), `at ${when}`).toEqual(names);
  expect(hits.flatMap((hit) => hit.places).toSorted(byKey), `at ${when}`).toEqual(places.toSorted(byKey));
  const marked = messages.filter((found) => found.forgetMarkedAt !== undefined);
  expect(
    (await collect(listMarked(stores))).map(({ value }) => value),
    `at ${when}`,
  ).toEqual(marked);
}

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1);
/** Fields that an action adds, which are its own concern. */
const pickKnown = ({ lastAction, lastForwardId, forgetRequestIds }: Metadata): object => ({
  ...(lastAction === undefined ? {} : { lastAction }),
  ...(lastForwardId === undefined ? {} : { lastForwardId }),
  ...(forgetRequestIds === undefined ? {} : { forgetRequestIds }),
});

describe.each(actions)('$name', (action) => {
  it('at any step of a copy loses nothing, doubles nothing and brings nothing back', async () => {
    let step = 1;
    for (; step <= MAX_STEPS; step += STRIDE) {
      if (step > 1) await open();
      const { stores } = world;
      const { layer, wasReached } = interrupted(step, () => persistently(() => action.run(stores, seen)));
      await world.copy(world.behind(layer));
      if (!wasReached()) break;
      await expectAllIsWell(action, `step ${step} of the copy`);
    }
    expect(step).toBeGreaterThan(20);
    expect(step).toBeLessThan(MAX_STEPS);
  }, 120_000);

  it('goes right when a whole copy comes between any two of its steps', async () => {
    let step = 1;
    for (; step <= MAX_STEPS; step += 1) {
      if (step > 1) await open();
      const { layer, wasReached } = interrupted(step, () => world.copy());
      const stores = world.behind(layer);
      await persistently(() => action.run(stores, seen));
      if (!wasReached()) break;
      await expectAllIsWell(action, `step ${step} of the action`);
    }
    expect(step).toBeGreaterThan(1);
    expect(step).toBeLessThan(MAX_STEPS);
  }, 120_000);
});
