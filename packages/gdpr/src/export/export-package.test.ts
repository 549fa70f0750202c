import { createHash } from 'node:crypto';
import { deleteMessage, keepDeadLetter, readMessage, readNumbers } from '@voicemail/message-store';
import { EVERY_KIND, onStores } from '@voicemail/message-store/testing';
import { around, StoreError, type ObjectStore } from '@voicemail/object-store';
import { readZip, type ZipFile } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { CALLER, openGdprWorld, request, type GdprWorld } from '../testing/gdpr-world.ts';
import type { Contents } from './contents.ts';
import { exportPackage } from './export-package.ts';

const OTHER = '+15551212999';
const MIB = 1024 * 1024;

/** Has a request to export carried out. */
async function exported(world: GdprWorld, ...phones: string[]): Promise<void> {
  const worker = world.worker();
  const now = new Date(world.clock.now()).toISOString();
  await worker.gdpr.take(world.world.stores, request('e1', 'exportme', now, ...phones), now);
  await worker.work();
}

/** The package as a reader has it. @param layer stands before every store meanwhile. */
async function packageOf(world: GdprWorld, layer: Layer = (store) => store) {
  const stores = world.world.behind(layer);
  const asked = await world.worker().request('e1');
  if (asked === undefined) throw new Error('the request was taken in');
  const numbers = (await readNumbers(stores, 'e1')) ?? [];
  return exportPackage({ stores, request: asked, numbers, nowMs: world.clock.now() });
}

async function filesOf(world: GdprWorld, layer?: Layer) {
  const files = await readZip(Buffer.concat(await Array.fromAsync(await packageOf(world, layer))));
  const text = (name: string): string => files.find((file) => file.name === name)?.bytes.toString() ?? '';
  return { files, names: files.map(({ name }) => name), index: JSON.parse(text('index.json')) as Contents, text };
}

const DOWN = 'the region is down';

type Layer = (store: ObjectStore) => ObjectStore;

/** What happens before an object is opened. */
const beforeGet =
  (before: (store: ObjectStore, key: string) => Promise<void>): Layer =>
  (store) =>
    around(store, {
      call: async (operation, key, run) => {
        if (operation === 'get' && key !== null) await before(store, key);
        return run();
      },
      items: (_operation, _prefix, run) => run(),
    });

/** A listing that breaks off. */
const afterList: Layer = (store) =>
  around(store, {
    call: (_operation, _key, run) => run(),
    items: async function* items(_operation, prefix, run) {
      yield* run();
      throw new StoreError('unavailable', 'list', prefix, DOWN);
    },
  });

const bytesOf = (files: readonly ZipFile[], name: string): string | undefined =>
  files.find((file) => file.name === name)?.bytes.toString();

describe('the package of an export', () => {
  it('has nothing of after the cutoff, and nothing of a caller that nobody knows', async () => {
    await using world = await openGdprWorld();
    await world.deposit({ messageId: 'before' });
    await exported(world, CALLER, '+15551230000');
    await world.clock.advance(1);
    await world.deposit({ messageId: 'after' });
    const { names, index } = await filesOf(world);
    expect(names).toEqual(['before.wav', 'index.json', 'index.html']);
    expect(index.callers.map(({ caller, files }) => [caller, files])).toEqual([
      [CALLER, ['before.wav']],
      ['+15551230000', []],
    ]);
  });

  it('has a recording once where two numbers are one caller', async () => {
    await using world = await openGdprWorld();
    await world.deposit({ messageId: 'm1' });
    await exported(world, CALLER, '(555) 121-2000');
    const { names, index } = await filesOf(world);
    expect(names).toEqual(['m1.wav', 'index.json', 'index.html']);
    expect(index.callers.map(({ files }) => files)).toEqual([['m1.wav'], ['m1.wav']]);
  });

  it('tells of a message that is deleted after it was found, and goes on', async () => {
    await using world = await openGdprWorld();
    for (const messageId of ['m1', 'm2', 'm3']) await world.deposit({ messageId });
    await exported(world, CALLER);
    const { stores } = world.world;
    // At the moment at which its recording is to be opened.
    const deletes = beforeGet(async (store, key) => {
      if (!key.includes('/m2/media.')) return;
      await deleteMessage(stores, '9876', 'm2', 'user', new Date(world.clock.now()).toISOString());
      await store.delete(key);
    });
    const { names, index } = await filesOf(world, deletes);
    expect(names.toSorted()).toEqual(['index.html', 'index.json', 'm1.wav', 'm3.wav']);
    expect(index.messages.at(-1)).toEqual({ mailbox: '9876', messageId: 'm2', status: 'gone', file: null });
  });

  it('has large recordings whole', async () => {
    await using world = await openGdprWorld();
    const bytes = Buffer.alloc(3 * MIB, 'large');
    await world.deposit({ messageId: 'large', media: { contentType: 'audio/ogg', bytes } });
    await exported(world, CALLER);
    const { files } = await filesOf(world);
    expect(files.find(({ name }) => name === 'large.ogg')?.bytes.equals(bytes)).toBe(true);
  });

  it("has the caller's rejected records, as the bytes that they were", async () => {
    await using world = await openGdprWorld();
    const { stores } = world.world;
    const value = Buffer.from('not what was promised');
    const record = { topic: 'voicemail.deposits', partition: 0, offset: 7, key: 't100/9876', value, headers: {} };
    const why = { reason: 'media-mismatch', detail: 'why', stagedKey: null, callerId: CALLER };
    const home = { tenant: stores, deployment: stores.master.store };
    const nowMs = world.clock.now();
    const { id } = await keepDeadLetter(home, { ...record, ...why, takenAtMs: nowMs }, nowMs);
    await exported(world, CALLER);
    const { files, index, text } = await filesOf(world);
    expect(bytesOf(files, `dead-letters/${id}.record`)).toBe('not what was promised');
    expect(index.deadLetters).toMatchObject([{ id, reason: 'media-mismatch', status: 'included', size: value.length }]);
    expect(text('index.html')).toContain('media-mismatch');
  });

  it('has the recording that was staged for a rejected record, wherever it lies, and says where it is none', async () => {
    await using world = await openGdprWorld();
    const { stores } = world.world;
    const recording = Buffer.alloc(2 * MIB, 'staged');
    const europe = stores.regions.find(({ name }) => name === 'westeurope')!.store;
    await europe.put('staging/t100/call of +15551212000.ogg', recording, { contentType: 'audio/ogg' });
    const home = { tenant: stores, deployment: stores.master.store };
    const nowMs = world.clock.now();
    const keep = async (offset: number, stagedKey: string): Promise<string> => {
      const record = { topic: 'voicemail.deposits', partition: 0, offset, key: 't100/9876', headers: {} };
      const why = { reason: 'media-mismatch', detail: 'why', stagedKey, callerId: CALLER };
      return (await keepDeadLetter(home, { ...record, value: Buffer.from('x'), ...why, takenAtMs: nowMs }, nowMs)).id;
    };
    const id = await keep(7, 'staging/t100/call of +15551212000.ogg');
    const without = await keep(8, 'staging/t100/gone.wav');
    await exported(world, CALLER);
    const { files, index, names, text } = await filesOf(world);
    const file = `dead-letters/${id}.ogg`;
    expect(files.find(({ name }) => name === file)?.bytes.equals(recording)).toBe(true);
    const sha256 = createHash('sha256').update(recording).digest('hex');
    const lineOf = (of: string) => index.deadLetters.find((line) => line.id === of);
    expect(lineOf(id)?.staged).toEqual({ file, size: recording.length, sha256 });
    expect(lineOf(without)?.staged).toEqual({ file: null });
    expect(index.callers[0]?.files.toSorted()).toEqual(names.filter((name) => !name.startsWith('index.')).toSorted());
    expect(text('index.html')).toContain(sha256);
  });

  it.each(['the search', 'a recording'])('fails where a region fails at %s, and has no end then', async (where) => {
    await using world = await openGdprWorld();
    await world.deposit({
      messageId: 'm1',
      region: 'westus2',
      media: { contentType: 'audio/wav', bytes: Buffer.alloc(MIB) },
    });
    await world.deposit({ messageId: 'm2', region: 'westeurope' });
    await exported(world, CALLER);
    const fails =
      where === 'the search'
        ? afterList
        : beforeGet(async (_store, key) => {
            if (key.includes('/media.')) throw new StoreError('unavailable', 'get', key, DOWN);
          });
    await expect(filesOf(world, fails)).rejects.toThrow(DOWN);
  });

  it('asks a store for the metadata and the recording of each message, and for nothing else of it', async () => {
    await using world = await openGdprWorld();
    for (let index = 0; index < 20; index += 1) await world.deposit({ messageId: `m${index}` });
    await exported(world, CALLER);
    const asked: string[] = [];
    const { names } = await filesOf(
      world,
      beforeGet(async (_store, key) => void asked.push(key)),
    );
    const ofMessages = asked.filter((key) => !key.includes('/gdpr/'));
    expect(names).toHaveLength(22);
    expect(ofMessages.toSorted()).toEqual(
      Array.from({ length: 20 }, (_, index) => `t100/mailboxes/9876/messages/m${index}/`)
        .flatMap((message) => [`${message}media.wav`, `${message}metadata.json`])
        .toSorted(),
    );
  });

  it('shows what a caller id says as text, and runs nothing', async () => {
    await using world = await openGdprWorld();
    const callerId = `<script>alert("x")</script>' onload='&`;
    await world.deposit({ messageId: 'm1', callerId });
    await exported(world, callerId);
    const { text, index, names } = await filesOf(world);
    expect(names).toContain('m1.wav');
    expect(index.messages[0]?.callerId).toBe(callerId);
    expect(text('index.html')).not.toMatch(/<script|onload='/);
    expect(text('index.html')).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39; onload=&#39;&amp;');
  });
});

onStores('the package of an export', EVERY_KIND, (open) => {
  it("has each recording under its message's id, from every region, stored, and an index with what is known of it", async () => {
    await using world = await openGdprWorld(open);
    await world.deposit({ messageId: 'm1', region: 'westus2' });
    await world.deposit({ messageId: 'm2', region: 'westeurope', callerId: 'tel:+1-555-121-2000', mailbox: '17' });
    await world.deposit({ messageId: 'other', callerId: OTHER });
    await exported(world, '(555) 121-2000');
    const { files, names, index } = await filesOf(world);
    expect(names.toSorted()).toEqual(['index.html', 'index.json', 'm1.wav', 'm2.wav']);
    expect(bytesOf(files, 'm1.wav')).toBe('RIFF sound of m1');
    expect(bytesOf(files, 'm2.wav')).toBe('RIFF sound of m2');
    expect(new Set(files.map(({ method }) => method))).toEqual(new Set([0]));
    const m2 = await readMessage(world.world.stores, '17', 'm2');
    expect(index.callers).toEqual([
      {
        caller: '(555) 121-2000',
        erased: false,
        found: { messages: 2, deadLetters: 0 },
        files: expect.arrayContaining(['m1.wav', 'm2.wav']) as unknown,
      },
    ]);
    expect(index.messages.map(({ messageId }) => messageId).toSorted()).toEqual(['m1', 'm2']);
    expect(index.messages.find(({ messageId }) => messageId === 'm2')).toMatchObject({
      mailbox: '17',
      status: 'included',
      file: 'm2.wav',
      callerId: 'tel:+1-555-121-2000',
      region: 'westeurope',
      state: 'new',
      sha256: m2?.value.media.sha256,
      size: 16,
      depositedAt: m2?.value.depositedAt,
    });
  }, 60_000);
});
