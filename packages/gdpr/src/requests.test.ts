import { existsSync } from 'node:fs';
import {
  changeState,
  keepDeadLetter,
  listDeadLetters,
  listMarked,
  readMessage,
  readRecord,
  markMessage,
  type RejectedRecord,
} from '@voicemail/message-store';
import { openSharedVolumes } from '@voicemail/message-store/testing';
import { describe, expect, it } from 'vitest';
import {
  CALLER,
  DAY_MS,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
  everyByte,
} from './testing/gdpr-world.ts';

const HOUR_MS = 3_600_000;
const at = (world: GdprWorld): string => new Date(world.clock.now()).toISOString();
const ask = async (
  world: GdprWorld,
  worker: Worker,
  id: string,
  operation: 'forgetme' | 'undoforget',
  ...phones: string[]
): Promise<void> => {
  const numbers = phones.length === 0 ? [CALLER] : phones;
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), ...numbers), at(world));
  await worker.work();
};
const isThere = async ({ world }: GdprWorld, messageId: string): Promise<boolean> =>
  (await readMessage(world.stores, '9876', messageId)) !== null;

describe('a forget', () => {
  it('covers what is from its cutoff or before, and leaves what is later', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'before' });
    const cutoff = at(world);
    await world.clock.advance(1);
    await world.deposit({ messageId: 'after' });
    await worker.gdpr.take(worker.stores, request('f1', 'forgetme', cutoff, CALLER), at(world));
    await worker.work();
    const marked = await Array.fromAsync(listMarked(world.world.stores));
    expect(marked.map(({ value }) => value.messageId)).toEqual(['before']);
  });

  it('that is repeated changes nothing and names the one it repeats; it covers what the first did not', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    const first = await readRecord(world.world.stores, '9876', 'm1');
    await world.clock.advance(HOUR_MS);
    await ask(world, worker, 'f2', 'forgetme');
    expect(await worker.request('f2')).toMatchObject({ phase: 'marked', repeats: 'f1' });
    expect(await readRecord(world.world.stores, '9876', 'm1')).toEqual(first);
    await world.deposit({ messageId: 'm2' });
    await ask(world, worker, 'f3', 'forgetme');
    expect(await worker.request('f3')).toMatchObject({ phase: 'marked', repeats: null });
    expect((await readMessage(world.world.stores, '9876', 'm2'))?.value).toMatchObject({ forgetRequestIds: ['f3'] });
  });

  it('is erased when a run finds nothing more, and then no file holds the number', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1', callerId: '(555) 121-2000' });
    await world.deposit({ messageId: 'm2', region: 'westeurope' });
    await world.deposit({ messageId: 'other', callerId: '+15551212999' });
    await ask(world, worker, 'u0', 'undoforget', 'sip:+15551212000@host');
    await ask(world, worker, 'f1', 'forgetme');
    expect(await everyByte(world)).toMatch(/5551212000/);
    await world.clock.advance(DAY_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm1' }, { messageId: 'm2' }], kept: 0 });
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased', hasNumbers: false });
    const all = await everyByte(world);
    expect(all).not.toMatch(/5551212000|121-2000|sound of m1|sound of m2/);
    expect(all).toMatch(/sound of other/);
  });

  it('that names two callers goes on with one where an undo took the other back', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await world.deposit({ messageId: 'm2', callerId: '+15551212999' });
    await ask(world, worker, 'f1', 'forgetme', CALLER, '+15551212999');
    await ask(world, worker, 'u1', 'undoforget', CALLER);
    await world.clock.advance(DAY_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm2' }] });
    expect(await isThere(world, 'm1')).toBe(true);
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
  });

  it('after an undo begins its day anew', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    await world.clock.advance(23 * HOUR_MS);
    await ask(world, worker, 'u1', 'undoforget');
    await ask(world, worker, 'f2', 'forgetme');
    await world.clock.advance(2 * HOUR_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 1 });
    await world.clock.advance(22 * HOUR_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm1' }] });
  });
});

describe('the deletion rule', () => {
  it('is put off by a message that is read, and not beyond the hard deadline', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    for (let day = 1; day <= 7; day += 1) {
      await world.clock.advance(DAY_MS - HOUR_MS);
      expect(await worker.rule(), `day ${day}`).toMatchObject({ deleted: [] });
      await changeState(
        worker.stores,
        '9876',
        'm1',
        { action: day % 2 === 1 ? 'read' : 'unread', order: { at: at(world), id: `a${day}` } },
        at(world),
      );
    }
    await world.clock.advance(8 * HOUR_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'm1' }] });
  });

  it('deletes nothing whose mark no request asks for, and takes that mark back', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    await ask(world, worker, 'u1', 'undoforget');
    // A worker that was stopped before the undo and woke up after it.
    await markMessage(worker.stores, '9876', 'm1', 'f1', at(world));
    await world.clock.advance(8 * DAY_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 0 });
    expect(await Array.fromAsync(listMarked(worker.stores))).toEqual([]);
    expect(await isThere(world, 'm1')).toBe(true);
  });

  it('marks what came late, and the request is erased only when that is gone too', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    const early = at(world);
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    await world.deposit({ messageId: 'late', depositedAt: early, takenAt: early });
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'marked' });
    expect((await readMessage(worker.stores, '9876', 'late'))?.value).toMatchObject({ forgetRequestIds: ['f1'] });
    await world.clock.advance(DAY_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [{ messageId: 'late' }] });
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
  });

  it('says in a dry run what a run at a time would delete, and changes nothing', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    const nowMs = world.clock.now();
    expect(await worker.gdpr.previewRule(worker.stores, nowMs)).toEqual({ deleted: [], kept: 1 });
    const item = { tenant: 't100', mailbox: '9876', messageId: 'm1', region: 'westus2' };
    expect(await worker.gdpr.previewRule(worker.stores, nowMs + DAY_MS)).toEqual({ deleted: [item], kept: 0 });
    expect(await isThere(world, 'm1')).toBe(true);
  });

  it('run by several workers at once deletes each message once', async () => {
    await using world = await openGdprWorld();
    const [one, two] = [world.worker(), world.worker()];
    for (let index = 0; index < 20; index += 1) await world.deposit({ messageId: `m${index}` });
    await ask(world, one, 'f1', 'forgetme');
    await world.clock.advance(DAY_MS);
    const runs = await Promise.all([one.rule(), two.rule()]);
    expect(runs.flatMap(({ deleted }) => deleted)).toHaveLength(20);
    expect((await world.facts('deleted')).size).toBe(20);
  });
});

describe('a dead letter of the caller', () => {
  it('is marked, counted apart, kept by an undo, and deleted with the rest', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    const letter = {
      topic: 'voicemail.deposits',
      partition: 0,
      offset: 7,
      key: 't100/9876',
      value: Buffer.from('{"data":{"callerId":"+15551212000"}}'),
      headers: {},
      takenAtMs: world.clock.now(),
      reason: 'conflict',
      detail: 'there is another recording under this message id',
      stagedKey: null,
      callerId: CALLER,
    };
    const home = { tenant: worker.stores, deployment: worker.stores.master.store };
    await keepDeadLetter(home, letter, world.clock.now());
    await ask(world, worker, 'f1', 'forgetme');
    expect(await worker.request('f1')).toMatchObject({ callers: [{ found: { messages: 0, deadLetters: 1 } }] });
    await ask(world, worker, 'u1', 'undoforget');
    await ask(world, worker, 'f2', 'forgetme');
    await world.clock.advance(DAY_MS - HOUR_MS);
    await worker.rule();
    expect(await everyByte(world)).toContain('"callerId":"+15551212000"');
    await world.clock.advance(HOUR_MS);
    await worker.rule();
    expect(await worker.request('f2')).toMatchObject({ phase: 'erased' });
    expect(await everyByte(world)).not.toContain('5551212000');
  });

  it('takes along the recording that it names, also where a publisher laid it on the volume only later', async () => {
    const volumes = await openSharedVolumes();
    await using world = await openGdprWorld(async () => volumes.world);
    const worker = world.worker();
    const letter = {
      topic: 'voicemail.deposits',
      partition: 0,
      offset: 7,
      key: 't100/9876',
      value: Buffer.from('{}'),
      headers: {},
      takenAtMs: world.clock.now(),
      reason: 'media-missing',
      detail: 'nothing lies under the staged key',
      stagedKey: 'staging/t100/later',
      callerId: CALLER,
    };
    const home = { tenant: worker.stores, deployment: worker.stores.master.store };
    await keepDeadLetter(home, letter, world.clock.now());
    await ask(world, worker, 'f1', 'forgetme');
    await volumes.lay('westus2', letter.stagedKey, 'a long sound');
    await world.clock.advance(DAY_MS);
    expect(existsSync(volumes.pathOf('westus2', letter.stagedKey))).toBe(true);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    expect(existsSync(volumes.pathOf('westus2', letter.stagedKey))).toBe(false);
  });

  it('is part of a request by when it was left, however late it was taken', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    const home = { tenant: worker.stores, deployment: worker.stores.master.store };
    const cutoff = at(world);
    await world.clock.advance(HOUR_MS);
    const letter = (offset: number, depositedAt: string): RejectedRecord => ({
      topic: 'voicemail.deposits',
      partition: 0,
      offset,
      key: 't100/9876',
      value: Buffer.from('{}'),
      headers: {},
      takenAtMs: world.clock.now(),
      depositedAt,
      reason: 'unknown-region',
      detail: 'the tenant has no such region',
      stagedKey: null,
      callerId: CALLER,
    });
    await keepDeadLetter(home, letter(1, cutoff), world.clock.now());
    const late = await keepDeadLetter(home, letter(2, at(world)), world.clock.now());
    await worker.gdpr.take(worker.stores, request('f1', 'forgetme', cutoff, CALLER), at(world));
    await worker.work();
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    expect(await Array.fromAsync(listDeadLetters(home))).toEqual([late]);
  });
});

describe('an erased caller', () => {
  it('is searched for again each day, and what came back is deleted at once', async () => {
    await using world = await openGdprWorld();
    const worker = world.worker();
    const early = at(world);
    await world.deposit({ messageId: 'm1' });
    await ask(world, worker, 'f1', 'forgetme');
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    // As from a process that was stopped all the while, or a backup.
    await world.deposit({ messageId: 'back', depositedAt: early, takenAt: early });
    await world.deposit({ messageId: 'new' });
    await world.clock.advance(HOUR_MS);
    await worker.rule();
    expect(await isThere(world, 'back')).toBe(true);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await isThere(world, 'back')).toBe(false);
    expect(await isThere(world, 'new')).toBe(true);
    expect((await world.facts('deleted')).size).toBe(2);
  });
});
