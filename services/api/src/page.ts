import { z } from 'zod';
import { HttpProblem } from './problem.ts';

/** A page of a list, and the cursor of the next one. */
export interface Page<T> {
  readonly items: T[];
  readonly next?: string;
}

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** How a list is sorted: by where its items stand. No two stand at one place. */
export interface Order<T, P> {
  /** The list's name: a cursor of another one is none of ours. */
  readonly list: string;
  readonly placeOf: (item: T) => P;
  /** As of `Array.sort`. */
  readonly compare: (a: P, b: P) => number;
  /** Tells a place from what else a cursor may say that is not one of ours. */
  readonly place: z.ZodType<P>;
}

/**
 * Cuts a page out of items in any order, holding no more of them than the page does. The cursor is the last item's place, so
 * it stays right when others come and go. An item that comes twice is one.
 * @throws HttpProblem 400 for a cursor that is not one of ours.
 */
export async function pageOf<T, P>(
  items: AsyncIterable<T> | Iterable<T>,
  query: PageQuery,
  order: Order<T, P>,
): Promise<Page<T>> {
  const { list, placeOf, compare } = order;
  const cursor = readCursor(query, order);
  const kept: T[] = [];
  for await (const item of items) {
    const place = placeOf(item);
    if (cursor !== null && compare(place, cursor) <= 0) continue;
    const at = lowerBound(kept, (other) => compare(placeOf(other), place) < 0);
    const there = kept[at];
    if (there !== undefined && compare(placeOf(there), place) === 0) continue;
    kept.splice(at, 0, item);
    if (kept.length > query.limit + 1) kept.pop();
  }
  const page = kept.slice(0, query.limit);
  const last = page.at(-1);
  if (kept.length <= query.limit || last === undefined) return { items: page };
  return { items: page, next: Buffer.from(JSON.stringify([list, placeOf(last)])).toString('base64url') };
}

/** The place that a cursor names; null without one. @throws HttpProblem 400 for a cursor that is not one of ours. */
export function readCursor<P>(
  { cursor }: PageQuery,
  { list, place }: Pick<Order<never, P>, 'list' | 'place'>,
): P | null {
  if (cursor === undefined) return null;
  const parsed = z.tuple([z.literal(list), place]).safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (parsed.success) return parsed.data[1];
  const faults = [{ path: 'query.cursor', message: 'must be the `next` of a page of this list' }];
  throw new HttpProblem(400, 'The call is refused.', { faults });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}

/** The first index whose item is not before. */
function lowerBound<T>(sorted: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = sorted[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
