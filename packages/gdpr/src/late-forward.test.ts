import {
  changeState,
  forwardedId,
  forwardMessage,
  listMarks,
  listMessages,
  openMedia,
  readRecord,
} from '@voicemail/message-store';
import { EVERY_KIND, mortalAt, onStores } from '@voicemail/message-store/testing';
import { isLongForm } from '@voicemail/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  CALLER,
  DAY_MS,
  everyByte,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
} from './testing/gdpr-world.ts';

const HOUR_MS = 3_600_000;
const MESSAGES = Array.from({ length: 13 }, (_, index) => `m${index + 1}`);

const DELAYS = [
  ['two hours', 2 * HOUR_MS],
  ['26 hours', 26 * HOUR_MS],
  ['8 days', 8 * DAY_MS],
] as const;
/** What nothing may be left of. */
const CALLERS = /5551212000|121-2000|sound of m/;

// A forward stops at every one of its steps, and comes again before the deletion rule settles marks that have no message, or after.
onStores('a forward of a marked message that stopped anywhere', EVERY_KIND, (open, [kind]) => {
  /** Before and after each write: index entry, media, source, mark, target, mark; no entries where a search is by tags. */
  const steps = kind === 'Azure' ? 6 : 12;
  let world: GdprWorld;
  let worker: Worker;
  /** Those of which the forward stopped before its copy was there. */
  let stopped: readonly string[];

  const now = (): string => new Date(world.clock.now()).toISOString();
  const refOf = (messageId: string) => ({ mailbox: '9876', messageId });
  const copyOf = (messageId: string) => ({
    mailbox: '42',
    messageId: forwardedId('t100', refOf(messageId), '42', `e-${messageId}`),
  });
  const forward = (messageId: string, stores = world.world.stores) =>
    forwardMessage(stores, refOf(messageId), '42', `e-${messageId}`, now());
  const recordOf = async (ref: ReturnType<typeof refOf>) =>
    (await readRecord(world.world.stores, ref.mailbox, ref.messageId))?.value;
  const take = async (id: string, operation: 'forgetme' | 'undoforget'): Promise<void> => {
    await worker.gdpr.take(worker.stores, request(id, operation, now(), CALLER), now());
    await worker.work();
  };
  const each = <T>(work: (messageId: string, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(MESSAGES.map(work));
  const read = (messageId: string) =>
    changeState(world.world.stores, '9876', messageId, { action: 'read', order: { at: now(), id: 'r1' } }, now());

  beforeEach(async () => {
    world = await openGdprWorld(open);
    worker = world.worker();
    await each((messageId) => world.deposit({ messageId, region: 'westeurope' }));
    await take('f1', 'forgetme');
    await stopAtEveryStep();
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** The forward of the n-th message stops at its n-th step, that of the last at none. */
  async function stopAtEveryStep(): Promise<void> {
    await each(async (messageId, index) => {
      const { layer, diedAt } = mortalAt(index + 1);
      const attempt = forward(messageId, world.world.behind(layer));
      if (index < steps) await expect(attempt).rejects.toThrow('the process died');
      else await attempt;
      expect(diedAt() === null).toBe(index >= steps);
    });
    const copies = await each(async (messageId) => ({ messageId, copy: await recordOf(copyOf(messageId)) }));
    stopped = copies.filter(({ copy }) => copy === undefined).map(({ messageId }) => messageId);
  }

  /** Each is one message with its recording, as if nothing had stopped. */
  async function expectCopies(of: readonly string[], requestIds: readonly string[] | undefined): Promise<void> {
    const found = await Array.fromAsync(listMessages(world.world.stores, '42'), async (copy) => {
      const chunks = await Array.fromAsync((await openMedia(world.world.stores, copy)).body);
      return {
        from: copy.forwardedFrom?.messageId,
        marks: copy.forgetRequestIds,
        sound: Buffer.concat(chunks).toString(),
      };
    });
    const expected = of.map((from) => ({ from, marks: requestIds, sound: `RIFF sound of ${from}` }));
    const inOrder = (all: typeof found) => all.toSorted((one, other) => (one.sound < other.sound ? -1 : 1));
    expect(inOrder(found)).toEqual(inOrder(expected));
  }

  // On servers, where each takes seconds, one in the short form.
  const isFull = isLongForm() || kind === 'volume';
  describe.each(isFull ? DELAYS : DELAYS.filter(([, ms]) => ms > DAY_MS && ms < 2 * DAY_MS))(
    'and is repeated after %s',
    (_name, laterMs) => {
      it('brings the copy, where the request was taken back meanwhile', async () => {
        await world.clock.advance(HOUR_MS);
        await take('u1', 'undoforget');
        await world.clock.advance(laterMs - HOUR_MS);
        await worker.rule();
        await each((messageId) => forward(messageId));
        await expectCopies(MESSAGES, undefined);
        await worker.rule();
        await expectCopies(MESSAGES, undefined);
      });
    },
  );

  it('brings the copy 26 hours later, where an agent has read the source meanwhile, and the rule deletes it in its turn', async () => {
    await world.clock.advance(23 * HOUR_MS);
    await each(read);
    await world.clock.advance(3 * HOUR_MS);
    await worker.rule();
    await each((messageId) => forward(messageId));
    await expectCopies(stopped, ['f1']);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    expect(await Array.fromAsync(listMarks(world.world.stores))).toEqual([]);
    expect(await everyByte(world)).not.toMatch(CALLERS);
  });

  it.runIf(isFull)(
    'forwards nothing 26 hours later, where its source was deleted meanwhile: nothing of the caller is left',
    async () => {
      await world.clock.advance(26 * HOUR_MS);
      await worker.rule();
      await each((messageId) => forward(messageId));
      await worker.rule();
      expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
      expect(await Array.fromAsync(listMarks(world.world.stores))).toEqual([]);
      expect(await everyByte(world)).not.toMatch(CALLERS);
    },
  );
});
