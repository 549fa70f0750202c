import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newestFirst } from './newest-first.ts';
import { pageOf } from './page.ts';

interface Item {
  readonly at: string;
  readonly id: string;
}
const order = newestFirst<Item>('items', ({ at, id }) => [at, id]);
const item = fc.record({ at: fc.constantFrom('2026-01', '2026-02', '2026-03'), id: fc.stringMatching(/^[a-e]{1,2}$/) });
const nameOf = ({ at, id }: Item): string => `${at}/${id}`;

test('all pages together are every item once, in order, whatever order they come in and however large a page is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), async (items, limit) => {
      const seen: Item[] = [];
      let cursor: string | undefined;
      do {
        const page = await pageOf(items, { limit, cursor }, order);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        if (page.next !== undefined) expect(page.items).toHaveLength(limit);
        seen.push(...page.items);
        cursor = page.next;
      } while (cursor !== undefined);
      const expected = [...new Set(items.map(nameOf))].toSorted().toReversed();
      expect(seen.map(nameOf)).toEqual(expected);
    }),
  );
});
