import type { ByteRange } from './port.ts';
import { StoreFault } from './store-fault.ts';

/** Whether it is one at all. */
export const isRange = ({ start, end }: ByteRange): boolean =>
  Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end;

export const notWithin = ({ start, end }: ByteRange): StoreFault =>
  new StoreFault('invalid-range', `bytes ${start} to ${end} are not within the object`);
