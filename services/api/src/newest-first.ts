import { z } from 'zod';
import type { Order } from './page.ts';

/** When something was, RFC 3339 in UTC with milliseconds, so that it compares as text; and its id. */
type Place = readonly [time: string, id: string];

/** Newest first; what is of one time, the greater id first. */
export function newestFirst<T>(list: string, placeOf: (item: T) => Place): Order<T, Place> {
  return {
    list,
    placeOf,
    compare: ([timeA, idA], [timeB, idB]) => compareTexts(timeB, timeA) || compareTexts(idB, idA),
    place: z.tuple([z.string(), z.string()]).readonly(),
  };
}

const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
