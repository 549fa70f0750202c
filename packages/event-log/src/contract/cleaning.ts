import { describe, expect, it } from 'vitest';
import {
  gate,
  openWorld,
  readAll,
  record,
  valueOf,
  type LogCapabilities,
  type OpenLogUnderTest,
  sorted,
} from './world.ts';

const HOUR_MS = 3_600_000;

export function cleaningContract(open: OpenLogUnderTest, capabilities: LogCapabilities): void {
  describe.runIf(capabilities.cleansAtOnce)('cleaning', () => {
    it('removes records by age where the topic says so', async () => {
      const world = await openWorld(open, [{ cleanup: { kind: 'delete', retentionMs: HOUR_MS } }]);
      await world.append(record('a', 1), record('b', 2));
      await world.clock.advance(HOUR_MS / 2);
      await world.append(record('a', 3));
      expect(await world.log.clean()).toBe(0);
      await world.clock.advance(HOUR_MS / 2);
      expect(await world.log.clean()).toBe(2);
      expect((await readAll(world)).map(valueOf)).toEqual(['a3']);
      await world.reopen();
      expect((await readAll(world)).map(valueOf)).toEqual(['a3']);
    });

    it('keeps a record that some group is not done with, and removes it once all are', async () => {
      const groups = ['one', 'two'];
      const cleanup = { kind: 'trim', afterMs: HOUR_MS, retentionMs: 100 * HOUR_MS, groups } as const;
      const world = await openWorld(open, [{ cleanup }]);
      await world.append(record('a', 1), record('a', 2));
      const first = await world.subscribe({ group: 'one', handle: async () => {} });
      await first.idle();
      await world.clock.advance(2 * HOUR_MS);
      expect(await world.log.clean()).toBe(0);
      const block = gate();
      let reached = false;
      const second = await world.subscribe({
        group: 'two',
        handle: async ([one]) => {
          if (one === undefined || valueOf(one) !== 'a2') return;
          reached = true;
          await block.opened;
        },
      });
      await world.until(() => reached);
      expect(await world.log.clean()).toBe(1);
      block.open();
      await second.idle();
      expect(await world.log.clean()).toBe(1);
      expect(await readAll(world)).toEqual([]);
    });

    it('keeps a record that is done until it is old enough, and an undone one no longer than its retention', async () => {
      const cleanup = { kind: 'trim', afterMs: HOUR_MS, retentionMs: 3 * HOUR_MS, groups: ['one'] } as const;
      const world = await openWorld(open, [{ cleanup }]);
      await world.append(record('a', 1));
      const subscription = await world.subscribe({ group: 'one', handle: async () => {} });
      await subscription.idle();
      await subscription.stop(0);
      expect(await world.log.clean()).toBe(0);
      await world.append(record('a', 2));
      await world.clock.advance(HOUR_MS);
      expect(await world.log.clean()).toBe(1);
      expect((await readAll(world)).map(valueOf)).toEqual(['a2']);
      await world.clock.advance(2 * HOUR_MS);
      expect(await world.log.clean()).toBe(1);
    });

    it('never uses an offset again, also when everything was removed', async () => {
      const world = await openWorld(open, [{ cleanup: { kind: 'delete', retentionMs: HOUR_MS } }]);
      const before = await world.log.append([{ topic: world.topic(), ...record('a', 1) }]);
      await world.clock.advance(HOUR_MS);
      expect(await world.log.clean()).toBe(1);
      await world.reopen();
      const after = await world.log.append([{ topic: world.topic(), ...record('a', 2) }]);
      expect(after[0]?.offset).toBeGreaterThan(before[0]?.offset ?? Infinity);
    });

    it('keeps the last record of each key of a compacted topic', async () => {
      const world = await openWorld(open, [{ cleanup: { kind: 'compact' } }]);
      for (let number = 0; number < 10; number += 1) await world.append(record('a', number), record('b', number));
      expect(await world.log.clean()).toBe(18);
      expect(sorted((await readAll(world)).map(valueOf))).toEqual(['a9', 'b9']);
      await world.append(record('a', 10));
      expect(await world.log.clean()).toBe(1);
      expect(sorted((await readAll(world)).map(valueOf))).toEqual(['a10', 'b9']);
    });

    it('removes a tombstone of a compacted topic in the end, and with it the key', async () => {
      const world = await openWorld(open, [{ cleanup: { kind: 'compact' } }]);
      await world.append(record('a', 1), record('b', 1), { key: 'a', value: null });
      await world.log.clean();
      expect(sorted((await readAll(world)).map(({ key }) => key))).toEqual(['a', 'b']);
      await world.clock.advance(30 * 24 * HOUR_MS);
      await world.log.clean();
      expect((await readAll(world)).map(({ key }) => key)).toEqual(['b']);
    });

    it('compacts away nothing that a group which follows the topic has not handled', async () => {
      const world = await openWorld(open, [{ cleanup: { kind: 'compact' } }]);
      await world.append(record('a', 0));
      const first = await world.subscribe({ handle: async () => {} });
      await first.idle();
      await first.stop(0);
      for (let number = 1; number <= 5; number += 1) await world.append(record('a', number));
      expect(await world.log.clean()).toBe(1);
      const seen: (string | null)[] = [];
      const second = await world.subscribe({ handle: async (records) => void seen.push(...records.map(valueOf)) });
      await second.idle();
      expect(seen).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
      expect(await world.log.clean()).toBe(4);
    });
  });
}
