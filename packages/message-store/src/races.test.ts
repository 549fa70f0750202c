import { createHash } from 'node:crypto';
import { isStub } from '@voicemail/domain';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { deleteMessage, eraseMessage } from './delete-message.ts';
import { storeDeposit, type Deposit } from './deposit.ts';
import { markMessage } from './forget-marks.ts';
import { forwardMessage } from './forward-message.ts';
import { listMarked } from './mark-index.ts';
import { claimAbsent } from './orphan.ts';
import { listMessages, openMedia, readMessage, readRecord } from './read-message.ts';
import { EVERY_KIND, onStores } from './contract/store-kinds.ts';
import { collect, someDeposit, START, type World } from './test-world.ts';
import { changeState } from './update-message.ts';

const WRITERS = 20;
const now = new Date(START).toISOString();
const each = Array.from({ length: WRITERS }, (_, index) => index);
const sound = (text: string): Deposit['media'] => ({ contentType: 'audio/wav', bytes: Buffer.from(text) });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

onStores('races', EVERY_KIND, (open) => {
  let world: World;

  beforeEach(async () => {
    world = await open();
  });
  afterEach(() => world.remove());

  /** The message has the recording that its metadata says. */
  const expectWhole = async (mailbox: string, messageId: string): Promise<void> => {
    const message = (await readMessage(world.stores, mailbox, messageId))!.value;
    const bytes = Buffer.concat(await collect((await openMedia(world.stores, message)).body));
    expect(sha256(bytes)).toBe(message.media.sha256);
  };

  it('of twenty updates of one metadata document lose none', async () => {
    await storeDeposit(world.stores, someDeposit(), now);
    await Promise.all(each.map((writer) => markMessage(world.stores, '9876', 'm1', `request-${writer}`, now)));
    const message = (await readMessage(world.stores, '9876', 'm1'))?.value;
    expect(message?.forgetRequestIds?.toSorted()).toEqual(each.map((writer) => `request-${writer}`).toSorted());
    expect(message).toMatchObject({ revision: 2 });
    expect(await collect(listMarked(world.stores))).toHaveLength(1);
  });

  it('of twenty actions end with the latest, and count each that took effect', async () => {
    await storeDeposit(world.stores, someDeposit(), now);
    const action = (writer: number) => ({
      action: writer % 2 === 0 ? ('read' as const) : ('unread' as const),
      order: { at: now, id: String(writer).padStart(2, '0') },
    });
    const outcomes = await Promise.all(
      each.map((writer) => changeState(world.stores, '9876', 'm1', action(writer), now)),
    );
    const changes = outcomes.filter((outcome) => outcome?.changed === true);
    const revisions = changes.map((outcome) => outcome?.record.revision);
    expect(new Set(revisions).size).toBe(changes.length);
    expect((await readMessage(world.stores, '9876', 'm1'))?.value).toMatchObject({
      state: 'new',
      lastAction: { id: '19' },
      revision: 1 + changes.length,
    });
  });

  it('of a delete against updates end deleted, after every update that took effect', async () => {
    for (let round = 0; round < 5; round += 1) {
      const messageId = `round-${round}`;
      await storeDeposit(world.stores, someDeposit({ messageId }), now);
      const updates = each
        .slice(0, 6)
        .map((writer) =>
          changeState(world.stores, '9876', messageId, { action: 'read', order: { at: now, id: `${writer}` } }, now),
        );
      const [deleted, ...outcomes] = await Promise.all([
        deleteMessage(world.stores, '9876', messageId, 'user', now),
        ...updates,
      ]);
      await eraseMessage(world.stores, deleted!);
      const changes = outcomes.filter((outcome) => outcome?.changed === true);
      const record = (await readRecord(world.stores, '9876', messageId))?.value;
      expect(record).toMatchObject({ gone: true, reason: 'user', revision: changes.length + 2 });
      expect(changes.every((outcome) => outcome!.record.revision < record!.revision)).toBe(true);
    }
    const keys = (await collect(world.stores.master.store.list('t100/mailboxes/'))).map(({ key }) => key);
    expect(keys.filter((key) => !key.endsWith('metadata.json'))).toEqual([]);
  });

  it('of twenty deposits of one message store one', async () => {
    const outcomes = await Promise.all(each.map(() => storeDeposit(world.stores, someDeposit(), now)));
    expect(outcomes.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'repeated')).toHaveLength(WRITERS - 1);
    expect(await collect(listMessages(world.stores, '9876'))).toHaveLength(1);
    await expectWhole('9876', 'm1');
  });

  it('of deposits of two recordings under one id store one of them, whole, also over the claim of a sweep', async () => {
    for (const isClaimed of [false, true]) {
      const messageId = isClaimed ? 'claimed' : 'fresh';
      if (isClaimed) await claimAbsent(world.stores, { mailbox: '9876', messageId }, [], now);
      const outcomes = await Promise.allSettled(
        each.map((writer) =>
          storeDeposit(world.stores, someDeposit({ messageId, media: sound(`recording ${writer % 2}`) }), now),
        ),
      );
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(refused.map(({ reason }) => (reason as { reason: unknown }).reason)).toEqual(
        each.slice(0, WRITERS / 2).map(() => 'conflict'),
      );
      await expectWhole('9876', messageId);
    }
  });

  it('of twenty forwards by one event make one message', async () => {
    await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
    const from = { mailbox: '9876', messageId: 'm1' };
    const outcomes = await Promise.all(each.map(() => forwardMessage(world.stores, from, '42', 'e1', now)));
    const [target, ...others] = await collect(listMessages(world.stores, '42'));
    expect(others).toEqual([]);
    for (const outcome of outcomes) expect(outcome?.target).toEqual(target);
    expect((await readMessage(world.stores, '9876', 'm1'))?.value.revision).toBe(2);
    await expectWhole('42', target!.messageId);
    expect(isStub(outcomes[0]!.source)).toBe(false);
  });
});
