import { HttpProblem } from './problem.ts';

/** A page of a list, and the cursor of the next one. */
export interface Page<T> {
  readonly items: T[];
  readonly next?: string;
}

/**
 * Cuts a page out of sorted items. The cursor is the last item's place in the order, so it stays right when others come and go.
 * @param placeOf where an item stands: what the order compares.
 * @throws HttpProblem 400 for a cursor that is not one of ours.
 */
export function pageOf<T, P>(
  items: readonly T[],
  query: { readonly limit: number; readonly cursor?: string | undefined },
  placeOf: (item: T) => P,
  isAfter: (place: P, cursor: P) => boolean,
): Page<T> {
  const cursor = query.cursor === undefined ? null : decode<P>(query.cursor);
  const rest = cursor === null ? items : items.filter((item) => isAfter(placeOf(item), cursor.place));
  const page = rest.slice(0, query.limit);
  const last = page.at(-1);
  if (rest.length <= query.limit || last === undefined) return { items: page };
  return { items: page, next: Buffer.from(JSON.stringify({ place: placeOf(last) })).toString('base64url') };
}

function decode<P>(cursor: string): { readonly place: P } {
  try {
    const decoded: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof decoded === 'object' && decoded !== null && 'place' in decoded) return decoded as { place: P };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new HttpProblem(400, 'The cursor is not one of this list.');
}
