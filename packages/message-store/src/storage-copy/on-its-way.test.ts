import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeDeposit } from '../deposit.ts';
import { forwardMessage } from '../forward-message.ts';
import { openMedia, readMessage } from '../read-message.ts';
import { Refusal } from '../refusal.ts';
import { collect, someDeposit } from '../test-world.ts';
import { later, now, openCopyWorld, volume, type CopyWorld } from './world.ts';

const KEY = 't100/mailboxes/9876/messages/m1/media.wav';
let world: CopyWorld;
const storeOf = (name: string) => world.stores.regions.find((region) => region.name === name)!.store;
const open = async () => openMedia(world.stores, (await readMessage(world.stores, '9876', 'm1'))!.value);
const forward = () => forwardMessage(world.stores, { mailbox: '9876', messageId: 'm1' }, '42', 'e1', later);

/** As it is for a moment when another deposit of the message takes away what a move has just brought: its recording is in the source yet. */
beforeEach(async () => {
  world = await openCopyWorld({ source: volume, target: volume, master: 'home' });
  await storeDeposit(world.stores, someDeposit({ region: 'source' }), now);
  await world.copy();
  await storeOf('target').delete(KEY);
  const sound = Buffer.from('RIFF some sound');
  await storeOf('source').put(KEY, sound, { contentType: 'audio/wav' });
});
afterEach(() => world[Symbol.asyncDispose]());

it('a recording on its way is no lost one: who listens or forwards is told to try again', async () => {
  await expect(open()).rejects.toMatchObject({ kind: 'busy', retryable: true });
  await expect(forward()).rejects.toMatchObject({ kind: 'busy', retryable: true });
});

it('the next copy brings it, and then it is heard and forwarded', async () => {
  expect(await world.copy()).toMatchObject({ failed: 0, leftovers: 1, left: { recordings: 0 } });
  const { body } = await open();
  expect(Buffer.concat(await collect(body)).toString()).toBe('RIFF some sound');
  expect(await forward()).toMatchObject({ target: { mailbox: '42', region: 'target' } });
});

it('one that is nowhere is lost', async () => {
  await storeOf('source').delete(KEY);
  await expect(open()).rejects.toMatchObject({ kind: 'not-found' });
  await expect(forward()).rejects.toThrow(Refusal);
});
