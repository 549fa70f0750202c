import { isStub, type Metadata } from '@voicemail/domain';
import { StoreError } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deleteMessage, eraseMessage } from '../delete-message.ts';
import { storeDeposit } from '../deposit.ts';
import { markMessage } from '../forget-marks.ts';
import { forwardMessage } from '../forward-message.ts';
import { listMarked } from '../mark-index.ts';
import { listMailboxes, listMessages, openMedia, readMessage } from '../read-message.ts';
import { Refusal } from '../refusal.ts';
import { searchCaller } from '../search-caller.ts';
import type { TenantStores } from '../tenant-stores.ts';
import { collect, someDeposit } from '../test-world.ts';
import { changeState } from '../update-message.ts';
import { takeTurns } from './turns.ts';
import { CALLER, contentOf, later, now, openCopyWorld, volume, type CopyWorld } from './world.ts';

const RUNS = isLongForm() ? 3_000 : 100;
const LIMIT_MS = isLongForm() ? 3_600_000 : 300_000;
const MAX_ATTEMPTS = 20;
const OLD = ['a', 'b'] as const;
const regions = fc.constantFrom('source', 'source', 'source', 'target', 'home');
const ids = fc.constantFrom(...OLD);

type Action =
  | { readonly kind: 'deposit'; readonly id: string; readonly region: string }
  | { readonly kind: 'delete' | 'read' | 'mark' | 'forward' | 'listen'; readonly id: string }
  | { readonly kind: 'search' };

const actions: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), id: fc.constantFrom(...OLD, 'new', 'newer'), region: regions }),
  fc.record({ kind: fc.constantFrom('delete', 'read', 'mark', 'forward', 'listen'), id: ids }),
  fc.record({ kind: fc.constant('search' as const) }),
);
/** An action comes so many turns after the copy began, which takes more. */
const MAX_IDLE_TURNS = 40;
const beside = fc.array(fc.record({ idle: fc.nat({ max: MAX_IDLE_TURNS }), action: actions }), {
  maxLength: 6,
  size: 'max',
});

/** What the actions ended with, to compare with what is there. */
interface Outcome {
  readonly stored: Set<string>;
  readonly deleted: Set<string>;
  /** Of a message that was read, marked or forwarded. */
  readonly changed: Set<string>;
}

it(
  'whatever goes on beside a copy, nothing is lost, doubled or brought back, and a search finds it all',
  async () => {
    const orders = fc.infiniteStream(fc.nat({ max: 1_000 }));
    const programs = fc.record({
      at: fc.tuple(regions, regions),
      beside,
      order: orders,
    });
    await fc.assert(
      fc.asyncProperty(programs, async ({ at, beside: program, order }) => {
        await using world = await openCopyWorld({ source: volume, target: volume, master: 'home' });
        for (const [index, id] of OLD.entries()) {
          await storeDeposit(world.stores, someDeposit({ messageId: id, region: at[index] ?? 'source' }), now);
        }
        const seen = new Map<string, Metadata>();
        for (const id of OLD) seen.set(id, (await readMessage(world.stores, '9876', id))!.value);
        const turns = takeTurns();
        const stores = world.behind(turns.layer);
        const outcome: Outcome = { stored: new Set(OLD), deleted: new Set(), changed: new Set() };
        const processes = program.map(async ({ idle, action }, index) => {
          await turns.idle(idle);
          await perform(stores, action, `e${index}`, seen, outcome);
        });
        await turns.run([world.copy(stores), ...processes], () => order.next().value);
        await expectAllIsWell(world, outcome, seen);
      }),
      { numRuns: RUNS },
    );
  },
  LIMIT_MS,
);

async function perform(
  stores: TenantStores,
  action: Action,
  eventId: string,
  seen: ReadonlyMap<string, Metadata>,
  outcome: Outcome,
): Promise<void> {
  const { stored, deleted, changed } = outcome;
  if (action.kind === 'search') {
    const before = OLD.filter((id) => !deleted.has(id));
    const hits = (await collect(searchCaller(stores, CALLER))).map(({ owner, id }) => `${owner}/${id}`);
    const expected = before.filter((id) => !deleted.has(id)).map((id) => `9876/${id}`);
    // What was there all the while.
    expect(hits).toEqual(expect.arrayContaining(expected));
    expect(new Set(hits).size).toBe(hits.length);
    return;
  }
  const { id } = action;
  switch (action.kind) {
    case 'deposit': {
      const deposit = someDeposit({ messageId: id, region: action.region });
      const { kind } = await persistently(() => storeDeposit(stores, deposit, later));
      if (kind === 'gone') expect(deleted).toContain(id);
      else stored.add(id);
      return;
    }
    case 'delete': {
      // From now on it may be gone for whoever looks.
      deleted.add(id);
      const gone = await persistently(() => deleteMessage(stores, '9876', id, 'user', later));
      if (gone !== null) await persistently(() => eraseMessage(stores, gone));
      return;
    }
    case 'read':
      changed.add(id);
      await changeState(stores, '9876', id, { action: 'read', order: { at: later, id: eventId } }, later);
      return;
    case 'mark':
      changed.add(id);
      await persistently(() => markMessage(stores, '9876', id, 'request-1', later));
      return;
    case 'forward': {
      changed.add(id);
      const forward = () => forwardMessage(stores, { mailbox: '9876', messageId: id }, '42', eventId, later);
      const made = await unlessDeleted(id, outcome, () => persistently(forward));
      const target = made?.target ?? null;
      if (target !== null && !isStub(target)) stored.add(`42/${target.messageId}`);
      return;
    }
    case 'listen': {
      const open = () => openMedia(stores, seen.get(id)!);
      const reader = await unlessDeleted(id, outcome, () => persistently(open));
      if (reader !== null) expect(Buffer.concat(await collect(reader.body)).toString()).toBe('RIFF some sound');
    }
  }
}

/** null where it failed, and the message was deleted meanwhile. */
async function unlessDeleted<T>(id: string, { deleted }: Outcome, run: () => Promise<T>): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    const isMissing = error instanceof Refusal || (error instanceof StoreError && error.kind === 'not-found');
    if (isMissing && deleted.has(id)) return null;
    throw error;
  }
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

async function expectAllIsWell(
  { stores, copy }: CopyWorld,
  { stored, deleted, changed }: Outcome,
  seen: ReadonlyMap<string, Metadata>,
): Promise<void> {
  expect(await copy()).toMatchObject({ failed: 0, left: { recordings: 0, unfinished: 0 } });
  const messages: Metadata[] = [];
  for await (const mailbox of listMailboxes(stores)) messages.push(...(await collect(listMessages(stores, mailbox))));
  const expected = [...stored].filter((id) => !deleted.has(id)).map((id) => (id.includes('/') ? id : `9876/${id}`));
  const names = messages.map(({ mailbox, messageId }) => `${mailbox}/${messageId}`);
  expect(names.toSorted()).toEqual(expected.toSorted());
  const places: string[] = [];
  for (const message of messages) {
    const { region, media, messageId } = message;
    expect(region).not.toBe('source');
    places.push(`${region}/${media.key}`);
    const { body, info } = await openMedia(stores, message);
    expect(Buffer.concat(await collect(body)).toString()).toBe('RIFF some sound');
    expect(info.tags['forgetme'] === 'true').toBe(message.forgetMarkedAt !== undefined);
    const before = seen.get(messageId);
    if (before !== undefined && !changed.has(messageId)) expect(message).toEqual({ ...before, region });
  }
  const recordings: string[] = [];
  for (const { name } of stores.regions) {
    const keys = Object.keys(await contentOf(stores, name)).filter((key) => key.includes('/media.'));
    recordings.push(...keys.map((key) => `${name}/${key}`));
  }
  expect(recordings.toSorted()).toEqual(places.toSorted());
  const hits = await collect(searchCaller(stores, CALLER));
  expect(hits.map(({ owner, id }) => `${owner}/${id}`).toSorted()).toEqual(names.toSorted());
  expect(hits.flatMap((hit) => hit.places.map(({ region, key }) => `${region}/${key}`)).toSorted()).toEqual(
    places.toSorted(),
  );
  const marked = messages.filter(({ forgetMarkedAt }) => forgetMarkedAt !== undefined);
  expect((await collect(listMarked(stores))).map(({ value }) => value.messageId).toSorted()).toEqual(
    marked.map(({ messageId }) => messageId).toSorted(),
  );
}
