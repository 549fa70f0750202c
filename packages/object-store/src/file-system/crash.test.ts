import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { memoryFolder, temporaryStore, type TemporaryStore } from '../testing.ts';
import { fileTree, filesHolding } from './file-tree.ts';
import { filesUntil } from './stepped-files.ts';

const START_MS = Date.UTC(2026, 10, 2, 10);
const TWO_DAYS_MS = 48 * 3_600_000;
const TIMEOUT_MS = 120_000;
const MAX_STEPS = 200;

const KEY = 't100/mailboxes/9876/messages/m1/media.wav';
const FROM = 't100/mailboxes/9876/messages/m0/media.wav';
const OLD = { small: Buffer.from('OLD-BODY'), large: Buffer.alloc(150_000, 'OLD-BODY') };
const NEW = { small: Buffer.from('NEW-BODY.'), large: Buffer.alloc(150_001, 'NEW-BODY') };
type Size = 'small' | 'large';

interface Scenario {
  readonly title: string;
  readonly before: Size | null;
  readonly after: Size | null;
  readonly run: (store: ObjectStore) => Promise<unknown>;
}

const put = (size: Size) => (store: ObjectStore) =>
  store.put(KEY, NEW[size], { contentType: 'audio/wav', tags: { caller_id: 'NEW-TAG' } });
const sizes = ['small', 'large'] as const;

const scenarios: readonly Scenario[] = [
  ...sizes.map((after) => ({ title: `a first ${after} put`, before: null, after, run: put(after) })),
  ...sizes.flatMap((before) =>
    sizes.map((after) => ({ title: `a ${after} put over a ${before} one`, before, after, run: put(after) })),
  ),
  ...sizes.map((before) => ({
    title: `a delete of a ${before} one`,
    before,
    after: null,
    run: (store: ObjectStore) => store.delete(KEY),
  })),
  ...sizes.map((after) => ({
    title: `a ${after} copy`,
    before: null,
    after,
    run: (store: ObjectStore) => store.copy(`${FROM}.${after}`, KEY),
  })),
];

let made: TemporaryStore | null = null;
const clock = manualClock(START_MS);

afterEach(async () => {
  await made?.dispose();
});

async function prepared(before: Size | null): Promise<TemporaryStore> {
  await made?.dispose();
  made = await temporaryStore({ clock }, memoryFolder());
  const tags = { caller_id: 'OLD-TAG' };
  if (before !== null) await made.store.put(KEY, OLD[before], { contentType: 'audio/wav', tags });
  for (const size of sizes) {
    await made.store.put(`${FROM}.${size}`, NEW[size], { contentType: 'audio/wav', tags: { caller_id: 'NEW-TAG' } });
  }
  return made;
}

async function bodyIn(store: ObjectStore): Promise<{ body: Buffer; tag: string | undefined } | null> {
  const reader = await store.get(KEY);
  if (reader === null) return null;
  return { body: Buffer.concat(await Array.fromAsync(reader.body)), tag: reader.info.tags['caller_id'] };
}

describe('a process that dies', () => {
  it.each(scenarios)(
    'at any step of $title leaves the old object or the new one, and nothing else for ever',
    { timeout: TIMEOUT_MS },
    async ({ before, after, run }) => {
      const old = before === null ? null : { body: OLD[before], tag: 'OLD-TAG' };
      const fresh = after === null ? null : { body: NEW[after], tag: 'NEW-TAG' };
      const seen = { old: 0, fresh: 0 };
      for (let lastStep = 0; ; lastStep++) {
        expect(lastStep).toBeLessThan(MAX_STEPS);
        const { root, reopen } = await prepared(before);
        const acknowledged = await run(await reopen({ files: filesUntil(lastStep) })).then(
          () => true,
          () => false,
        );
        const healthy = await reopen();
        const found = await bodyIn(healthy);
        const isFresh = fresh === null ? found === null : (found?.body.equals(fresh.body) ?? false);
        if (acknowledged) expect(isFresh).toBe(true);
        expect(found).toEqual(isFresh ? fresh : old);
        seen[isFresh ? 'fresh' : 'old'] += 1;

        // A look at the key was enough for the plain copy, and for what was superseded to be gone.
        const plain = await readFile(join(root, KEY)).catch(() => null);
        expect(plain?.equals(found?.body ?? Buffer.alloc(0)) ?? null).toBe(found === null ? null : true);
        if (isFresh && before !== null) {
          const held = await filesHolding(join(root, 't100/mailboxes/9876/messages/m1'), 'OLD-');
          expect(held).toEqual([]);
        }

        await clock.advance(TWO_DAYS_MS);
        await healthy.sweep(new AbortController().signal);
        expect(await bodyIn(healthy)).toEqual(found);
        const left = await fileTree(root);
        expect(left.filter((path) => path.startsWith('.tmp/'))).toEqual([]);
        if (found === null) expect(left.filter((path) => path.includes('/m1'))).toEqual([]);
        else expect(left.filter((path) => path.endsWith('.data') && path.includes('/m1/')).length).toBeLessThan(2);

        await healthy.put(KEY, OLD.small, { contentType: 'audio/wav', tags: { caller_id: 'OLD-TAG' } });
        expect(await bodyIn(healthy)).toEqual({ body: OLD.small, tag: 'OLD-TAG' });
        if (acknowledged) break;
      }
      expect(seen.old).toBeGreaterThan(0);
      expect(seen.fresh).toBeGreaterThan(0);
    },
  );

  it('at any step of a sweep takes away nothing that is there', { timeout: TIMEOUT_MS }, async () => {
    for (let lastStep = 0; ; lastStep++) {
      expect(lastStep).toBeLessThan(2 * MAX_STEPS);
      const { root, reopen, store } = await prepared('large');
      await store.put(KEY, NEW.large, { contentType: 'audio/wav', tags: { caller_id: 'NEW-TAG' } });
      await store.put('t100/gone/object', NEW.large, { contentType: 'audio/wav' });
      await store.delete('t100/gone/object');
      await clock.advance(TWO_DAYS_MS);
      const dying = await reopen({ files: filesUntil(lastStep) });
      const acknowledged = await dying.sweep(new AbortController().signal).then(
        () => true,
        () => false,
      );
      const healthy = await reopen();
      expect(await bodyIn(healthy)).toEqual({ body: NEW.large, tag: 'NEW-TAG' });
      expect(await healthy.get('t100/gone/object')).toBeNull();
      if (lastStep % 2 === 0) await healthy.put('t100/gone/object', OLD.small, { contentType: 'audio/wav' });
      await clock.advance(TWO_DAYS_MS);
      await healthy.sweep(new AbortController().signal);
      const left = await fileTree(root);
      expect(left.filter((path) => path.startsWith('.tmp/'))).toEqual([]);
      if (lastStep % 2 === 0) expect((await healthy.head('t100/gone/object'))?.size).toBe(OLD.small.length);
      else expect(left.filter((path) => path.startsWith('t100/gone'))).toEqual([]);
      if (acknowledged) break;
    }
  });
});
