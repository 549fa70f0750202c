import { StoreError, withFaults, type StoreErrorKind } from '@voicemail/object-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeDeposit } from '../deposit.ts';
import { openMedia, readMessage } from '../read-message.ts';
import { stageMedia } from '../stage.ts';
import { collect, someDeposit } from '../test-world.ts';
import { contentOf, now, openCopyWorld, volume, type CopyWorld } from './world.ts';

let world: CopyWorld;
beforeEach(async () => {
  world = await openCopyWorld({ source: volume, target: volume, master: 'home' });
  for (const messageId of ['a', 'b', 'c']) {
    await storeDeposit(world.stores, someDeposit({ messageId, region: 'source' }), now);
  }
});
afterEach(() => world[Symbol.asyncDispose]());

const keyOf = (messageId: string): string => `t100/mailboxes/9876/messages/${messageId}/media.wav`;
const storeOf = (name: string) => world.stores.regions.find((region) => region.name === name)!.store;
const put = (name: string, messageId: string, text: string): Promise<unknown> =>
  storeOf(name).put(keyOf(messageId), Buffer.from(text), { contentType: 'audio/wav' });
const regionOf = async (messageId: string) => (await readMessage(world.stores, '9876', messageId))?.value.region;

/** The others are moved; this one is where it was, and the report says why. */
async function expectToStay(why: RegExp): Promise<void> {
  const report = await world.copy();
  expect(report).toMatchObject({ moved: 2, failed: 1 });
  expect(report.failures).toEqual([{ mailbox: '9876', messageId: 'b', why: expect.stringMatching(why) }]);
  expect(await Promise.all(['a', 'b', 'c'].map(regionOf))).toEqual(['target', 'source', 'target']);
}

describe('a recording stays where it is', () => {
  it('that is not what was deposited: nothing of it comes to the target', async () => {
    await put('source', 'b', 'RIFF damaged sound');
    await expectToStay(/is damaged/);
    expect(Object.keys(await contentOf(world.stores, 'target'))).toEqual([keyOf('a'), keyOf('c')]);
    expect(Object.keys(await contentOf(world.stores, 'source'))).toEqual([keyOf('b')]);
  });

  it('that is not there', async () => {
    await storeOf('source').delete(keyOf('b'));
    await expectToStay(/is not in its store/);
  });

  it('whose place in the target other bytes have: both are left', async () => {
    await put('target', 'b', 'RIFF something else');
    await expectToStay(/other bytes lie at its place/);
    const { body } = await openMedia(world.stores, (await readMessage(world.stores, '9876', 'b'))!.value);
    expect(Buffer.concat(await collect(body)).toString()).toBe('RIFF some sound');
  });

  it('until that is put right, and is moved by the next copy', async () => {
    await put('source', 'b', 'RIFF damaged sound');
    await world.copy();
    await put('source', 'b', 'RIFF some sound');
    expect(await world.copy()).toMatchObject({ moved: 1, failed: 0, left: { recordings: 0 } });
    expect(await regionOf('b')).toBe('target');
  });
});

describe('a copy', () => {
  const failing = (name: string, fails: (operation: string) => boolean, kind: StoreErrorKind) =>
    world.behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (store === storeOf(name) && fails(operation)) throw new StoreError(kind, operation, key, 'it is so');
      }),
    );

  it('takes from a region that is full, which may be why it is moved', async () => {
    const stores = failing('source', (operation) => operation === 'check' || operation === 'put', 'full');
    expect(await world.copy(stores)).toMatchObject({ moved: 3, failed: 0, left: { recordings: 0 } });
  });

  it('does not begin while one of its regions is down', async () => {
    for (const name of ['source', 'target']) {
      await expect(world.copy(failing(name, () => true, 'unavailable'))).rejects.toThrow('it is so');
    }
    expect(await regionOf('a')).toBe('source');
  });

  it('goes on while a third region is down, and does not say that all is done', async () => {
    await world[Symbol.asyncDispose]();
    world = await openCopyWorld({ source: volume, target: volume, master: 'source' });
    await storeDeposit(world.stores, someDeposit({ messageId: 'a', region: 'source' }), now);
    const report = await world.copy(failing('home', () => true, 'unavailable'));
    expect(report).toMatchObject({ moved: 1, failed: 1, failures: [{ why: 'list: unavailable' }] });
  });
});

describe('a region may not leave the tenants’ file', () => {
  it('while a deposit was not completed there: its recording is left, and told of', async () => {
    await put('source', 'half', 'RIFF half a deposit');
    expect(await world.copy()).toMatchObject({ moved: 3, left: { unfinished: 1, recordings: 0 } });
    expect(Object.keys(await contentOf(world.stores, 'source'))).toEqual([keyOf('half')]);
  });

  it('while a staged recording is there, which its deposit looks for in that region', async () => {
    const key = await stageMedia(world.stores, 'source', 'large', {
      contentType: 'audio/wav',
      body: Buffer.from('RIFF'),
    });
    expect(await world.copy()).toMatchObject({ moved: 3, left: { staged: 1 } });
    const media = { contentType: 'audio/wav', stagedKey: key };
    await storeDeposit(world.stores, someDeposit({ messageId: 'large', region: 'source', media }), now);
    expect(await world.copy()).toMatchObject({ moved: 1, left: { staged: 0, recordings: 0, unfinished: 0 } });
  });
});
