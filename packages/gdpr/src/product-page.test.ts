import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeState, forwardMessage, listMarked, readMessage, readNumbers } from '@voicemail/message-store';
import { onStores } from '@voicemail/message-store/testing';
import { StoreError, withFaults } from '@voicemail/object-store';
import { readZip } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { exportPackage } from './export/export-package.ts';
import {
  CALLER,
  DAY_MS,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
  everyByte,
} from './testing/gdpr-world.ts';

/**
 * What the product page says about GDPR, sentence by sentence, and what happens here: the table of docs/forgetting.md. Its last test holds the two
 * together.
 */
const PAGE = join(import.meta.dirname, '../../../docs/forgetting.md');
const SECTION = '## The product page, sentence by sentence';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const OTHER = '+15551212999';
const at = ({ clock }: GdprWorld): string => new Date(clock.now()).toISOString();

async function ask(
  world: GdprWorld,
  id: string,
  operation: 'forgetme' | 'exportme',
  ...phones: string[]
): Promise<Worker> {
  const worker = world.worker();
  const numbers = phones.length === 0 ? [CALLER] : phones;
  await worker.gdpr.take(worker.stores, request(id, operation, at(world), ...numbers), at(world));
  await worker.work();
  return worker;
}
async function filled(open?: Parameters<typeof openGdprWorld>[0]): Promise<GdprWorld> {
  const world = await openGdprWorld(open);
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope' });
  await world.deposit({ messageId: 'other', callerId: OTHER });
  return world;
}
const tagsOf = async ({ world }: GdprWorld, region: number, name: string) =>
  (await world.stores.regions[region]!.store.head(`t100/mailboxes/9876/messages/${name}`))?.tags;

describe('the product page says:', () => {
  it('the PII is deleted within 30 days; the service is designed to do it in one day', async () => {
    await using world = await filled();
    const worker = await ask(world, 'f1', 'forgetme');
    let hours = 0;
    for (; (await worker.request('f1'))?.phase !== 'erased' && hours < 48; hours += 1) {
      await world.clock.advance(HOUR_MS);
      await worker.rule();
    }
    expect(hours).toBeLessThanOrEqual(25);
    expect(await everyByte(world)).not.toMatch(/5551212000|sound of m1|sound of m2/);
    const { deadlineAt = '', takenAt = '' } = (await worker.request('f1')) ?? {};
    expect(Date.parse(deadlineAt) - Date.parse(takenAt)).toBeLessThan(30 * DAY_MS);
  });

  it('the PII is exported in client-understandable format', async () => {
    await using world = await filled();
    const worker = await ask(world, 'e1', 'exportme');
    const asked = (await worker.request('e1'))!;
    const numbers = (await readNumbers(worker.stores, 'e1')) ?? [];
    const zip = exportPackage({ stores: worker.stores, request: asked, numbers, nowMs: world.clock.now() });
    const files = await readZip(Buffer.concat(await Array.fromAsync(zip)));
    expect(files.map(({ name }) => name).toSorted()).toEqual(['index.html', 'index.json', 'm1.wav', 'm2.wav']);
    expect(files.find(({ name }) => name === 'index.html')?.bytes.toString()).toContain('(555) 121-2000');
  });

  it('requests depend only on the caller ID', async () => {
    await using world = await openGdprWorld();
    const spellings = ['(555) 121-2000', CALLER, 'sip:+15551212000@host', 'tel:+1-555-121-2000'];
    for (const [index, callerId] of spellings.entries()) await world.deposit({ messageId: `m${index}`, callerId });
    await world.deposit({ messageId: 'anonymous', callerId: null });
    for (const [index, phone] of spellings.entries()) {
      const worker = await ask(world, `e${index}`, 'exportme', phone);
      expect(await worker.request(`e${index}`)).toMatchObject({ callers: [{ found: { messages: spellings.length } }] });
    }
  });

  it('voicemail message and caller ID are deleted', async () => {
    await using world = await filled();
    const { stores } = world.world;
    await forwardMessage(stores, { mailbox: '9876', messageId: 'm1' }, '42', 'event-1', at(world));
    const worker = await ask(world, 'f1', 'forgetme');
    expect(await worker.request('f1')).toMatchObject({ callers: [{ found: { messages: 3 } }] });
    expect(await everyByte(world)).toMatch(/5551212000/);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await everyByte(world)).not.toMatch(/5551212000|121-2000|sound of m1|sound of m2|index\/forgetme/);
    expect(await readMessage(stores, '9876', 'other')).not.toBeNull();
  });

  it('the index tag `caller_id` is set at the deposit', async () => {
    await using world = await filled();
    const hash = expect.stringMatching(/^[\w-]{20,}$/) as string;
    for (const tags of [
      await tagsOf(world, 0, 'm2/metadata.json'),
      await tagsOf(world, 1, 'm2/media.wav'),
      await tagsOf(world, 0, 'm1/media.wav'),
    ]) {
      expect(tags).toEqual({ caller_id: hash });
      expect(tags).toEqual(await tagsOf(world, 0, 'm1/metadata.json'));
    }
  });

  it('metadata is stored in the master region, messages in their regions: all regions are needed', async () => {
    await using world = await filled();
    expect(await tagsOf(world, 0, 'm2/metadata.json')).toBeDefined();
    expect(await tagsOf(world, 0, 'm2/media.wav')).toBeUndefined();
    expect(await tagsOf(world, 1, 'm2/media.wav')).toBeDefined();
    expect(await tagsOf(world, 1, 'm2/metadata.json')).toBeUndefined();
  });

  it("1. get the list of regions 2. ensure that all are up 3. the master region's files first 4. then others", async () => {
    await using world = await filled();
    let isDown = true;
    const touched: string[] = [];
    const checked = new Set<string>();
    const stores = world.world.behind((store, region) =>
      withFaults(store, ({ moment, operation, key }) => {
        if (isDown && region === 'westeurope')
          throw new StoreError('unavailable', operation, key, 'the region is down');
        if (operation === 'check') checked.add(region);
        const isWrite = operation === 'put' || operation === 'tag' || operation === 'delete';
        if (moment === 'after' && isWrite && key?.includes('/gdpr/') === false) touched.push(region);
      }),
    );
    const worker = world.worker({ stores });
    await worker.gdpr.take(stores, request('f1', 'forgetme', at(world), CALLER), at(world));
    const { signal } = new AbortController();
    expect(await world.whileTimePasses(worker.gdpr.work(stores, signal))).toBe('later');
    expect(await worker.request('f1')).toMatchObject({ phase: 'waiting', waitsFor: ['westeurope'] });
    expect(touched).toEqual([]);
    isDown = false;
    await worker.work();
    expect(await worker.request('f1')).toMatchObject({ phase: 'marked', regions: ['westus2', 'westeurope'] });
    expect([...checked]).toEqual(['westus2', 'westeurope']);
    const last = touched.lastIndexOf('westus2');
    expect(last).toBeGreaterThan(0);
    expect(touched.slice(0, last + 1)).not.toContain('westeurope');
    expect(touched.slice(last + 1)).toContain('westeurope');
  });

  it('the rule deletes what was not modified for one day; marked at 10:01, kept on the second day', async () => {
    await using world = await filled();
    await world.clock.advance(MINUTE_MS);
    const worker = await ask(world, 'f1', 'forgetme');
    const until = (time: string): Promise<void> => world.clock.advance(Date.parse(time) - world.clock.now());
    await until('2026-03-03T10:00:00Z');
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 2 });
    await until('2026-03-04T10:00:00Z');
    expect((await worker.rule()).deleted).toHaveLength(2);
  });

  it('a message that is read or forwarded before the deletion may not be deleted in one day', async () => {
    await using world = await filled();
    const { stores } = world.world;
    const worker = await ask(world, 'f1', 'forgetme');
    await world.clock.advance(DAY_MS - HOUR_MS);
    await changeState(stores, '9876', 'm1', { action: 'read', order: { at: at(world), id: 'a1' } }, at(world));
    await forwardMessage(stores, { mailbox: '9876', messageId: 'm2' }, '42', 'event-1', at(world));
    await world.clock.advance(HOUR_MS);
    expect(await worker.rule()).toMatchObject({ deleted: [], kept: 3 });
    await world.clock.advance(DAY_MS);
    expect((await worker.rule()).deleted).toHaveLength(3);
  });

  it('the MWI count is updated only by the next deposit or deletion', async () => {
    await using world = await filled();
    const worker = await ask(world, 'f1', 'forgetme');
    await world.clock.advance(DAY_MS);
    // Those whose job the counts are follow this fact; it is announced although the recordings cannot be reached.
    const stores = world.world.behind((store) =>
      withFaults(store, ({ operation, key }) => {
        if (operation === 'delete' && key?.endsWith('media.wav') === true)
          throw new StoreError('unavailable', operation, key, 'the region is down');
      }),
    );
    await world.whileTimePasses(world.worker({ stores }).gdpr.runRule(stores, new AbortController().signal));
    expect((await world.facts('deleted')).size).toBe(2);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
  });

  it('no sentence that is not in the table of the docs, and none there that is not tested here', async () => {
    const section = (await readFile(PAGE, 'utf8')).split(SECTION)[1] ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('|'));
    const said = rows.slice(2).map((row) => row.split(' | ')[0]?.replace(/^\|/, '').trim());
    const source = await readFile(import.meta.filename, 'utf8');
    const tests = [...source.matchAll(/^ {2}it\(\s*(['"])(.+?)\1, async/gm)].map(([, , title]) => title);
    const ofStores = /^onStores\(\s*'the product page says: (.+?)'/m.exec(source)?.[1];
    // This one and what is told of every kind of store are no sentences.
    const sentences = tests.slice(0, -2);
    expect(new Set([...sentences, ofStores])).toEqual(new Set(said));
    expect(said.length).toBeGreaterThan(10);
  });
});

onStores('the product page says: only with `BlobStorage` on Azure', [['S3', 'Azure']], (open) => {
  it('and here on every kind, also mixed', async () => {
    await using world = await filled(open);
    const worker = await ask(world, 'f1', 'forgetme');
    expect((await Array.fromAsync(listMarked(world.world.stores))).map(({ value }) => value.messageId)).toEqual([
      'm1',
      'm2',
    ]);
    await world.clock.advance(DAY_MS);
    await worker.rule();
    expect(await worker.request('f1')).toMatchObject({ phase: 'erased' });
    expect(await everyByte(world)).not.toMatch(/5551212000|121-2000|sound of m1|sound of m2/);
  });
});
