import { describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { TEXT, bytes, kindOf, race, readAll, textOf, type Harness } from './harness.ts';

const RACERS = 20;
const RACE_TIMEOUT_MS = 60_000;

/** Compare and set: what the whole system's idempotence stands on. */
export function conditionCases({ store, prefix }: Harness): void {
  describe('a condition', () => {
    it('`absent` lets the first put through and no other', async () => {
      const key = `${prefix()}absent`;
      const absent = { ...TEXT, condition: { absent: true } } as const;
      await store().put(key, bytes('first'), absent);
      expect(await kindOf(store().put(key, bytes('second'), absent))).toBe('condition-failed');
      expect(await textOf(store(), key)).toBe('first');
    });

    it('on an etag holds for the present one alone', async () => {
      const key = `${prefix()}etag`;
      const first = await store().put(key, bytes('1'), TEXT);
      const second = await store().put(key, bytes('2'), { ...TEXT, condition: { etag: first.etag } });
      const stale = { ...TEXT, condition: { etag: first.etag } };
      expect(await kindOf(store().put(key, bytes('3'), stale))).toBe('condition-failed');
      expect(await textOf(store(), key)).toBe('2');
      expect((await store().head(key))?.etag).toBe(second.etag);
    });

    it('on an etag does not hold where there is no object', async () => {
      const key = `${prefix()}gone`;
      const { etag } = await store().put(key, bytes('1'), TEXT);
      await store().delete(key);
      expect(await kindOf(store().put(key, bytes('2'), { ...TEXT, condition: { etag } }))).toBe('condition-failed');
      expect(await store().head(key)).toBeNull();
    });

    it('on a delete holds for the present etag alone', async () => {
      const key = `${prefix()}delete`;
      const first = await store().put(key, bytes('1'), TEXT);
      const second = await store().put(key, bytes('2'), TEXT);
      expect(await kindOf(store().delete(key, { etag: first.etag }))).toBe('condition-failed');
      expect(await textOf(store(), key)).toBe('2');
      expect(await store().delete(key, { etag: second.etag })).toBe(true);
      expect(await store().head(key)).toBeNull();
    });
  });

  describe('writers at once', () => {
    it('have exactly one winner of 20 where there was none', { timeout: RACE_TIMEOUT_MS }, async () => {
      const key = `${prefix()}race`;
      const { winners } = await race(RACERS, async (index) => {
        await store().put(key, bytes(`${index}`), { ...TEXT, condition: { absent: true } });
        return index;
      });
      expect(winners).toHaveLength(1);
      expect(await textOf(store(), key)).toBe(`${winners[0]}`);
    });

    it('have exactly one winner of 20 that expect one etag', { timeout: RACE_TIMEOUT_MS }, async () => {
      const key = `${prefix()}race`;
      const { etag } = await store().put(key, bytes('before'), TEXT);
      const { winners } = await race(RACERS, async (index) => {
        await store().put(key, bytes(`${index}`), { ...TEXT, condition: { etag } });
        return index;
      });
      expect(winners).toHaveLength(1);
      expect(await textOf(store(), key)).toBe(`${winners[0]}`);
    });

    it('have exactly one winner of 20 that copy to one key', { timeout: RACE_TIMEOUT_MS }, async () => {
      const under = prefix();
      await store().put(`${under}from`, Buffer.alloc(100_000, 7), TEXT);
      const { winners } = await race(RACERS, () => store().copy(`${under}from`, `${under}to`));
      expect(winners).toHaveLength(1);
      expect((await store().head(`${under}to`))?.etag).toBe(winners[0]?.etag);
    });

    it('lose none of 20 updates that each read, change and compare', { timeout: RACE_TIMEOUT_MS }, async () => {
      const key = `${prefix()}counter`;
      await store().put(key, bytes('0'), TEXT);
      const increment = async (): Promise<void> => {
        for (;;) {
          const reader = await store().get(key);
          const next = Number((await readAll(reader)).toString()) + 1;
          try {
            await store().put(key, bytes(`${next}`), { ...TEXT, condition: { etag: reader?.info.etag ?? '' } });
            return;
          } catch (error) {
            const goOn = error instanceof StoreError && (error.kind === 'condition-failed' || error.kind === 'busy');
            if (!goOn) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: RACERS }, increment));
      expect(await textOf(store(), key)).toBe(`${RACERS}`);
    });

    it('never both update and delete the same version', { timeout: RACE_TIMEOUT_MS }, async () => {
      const under = prefix();
      for (let round = 0; round < 10; round++) {
        const key = `${under}${round}`;
        const { etag } = await store().put(key, bytes('before'), TEXT);
        const { winners } = await race(2, async (index) => {
          if (index === round % 2) await store().put(key, bytes('updated'), { ...TEXT, condition: { etag } });
          else if (!(await store().delete(key, { etag })))
            throw new StoreError('condition-failed', 'delete', key, 'none');
          return index;
        });
        expect(winners).toHaveLength(1);
        expect((await store().head(key)) !== null).toBe(winners[0] === round % 2);
      }
    });

    it('leave one of the bodies whole, with its own tags', { timeout: RACE_TIMEOUT_MS }, async () => {
      const key = `${prefix()}whole`;
      const sizes = [10, 100_000, 1000, 300_000];
      const put = (index: number): Promise<unknown> =>
        store().put(key, Buffer.alloc(sizes[index] ?? 0, index), { ...TEXT, tags: { index: `${index}` } });
      const readers = Array.from({ length: 20 }, async () => {
        const reader = await store().get(key);
        if (reader === null) return;
        const index = Number(reader.info.tags['index']);
        expect((await readAll(reader)).equals(Buffer.alloc(sizes[index] ?? 0, index))).toBe(true);
      });
      await Promise.all([...sizes.map((_, index) => put(index)), ...readers]);
      const reader = await store().get(key);
      const index = Number(reader?.info.tags['index']);
      expect((await readAll(reader)).equals(Buffer.alloc(sizes[index] ?? 0, index))).toBe(true);
    });
  });
}
