import type { Exchange } from './exchange.ts';

/** What becomes of one request, instead of being passed on. */
export type Fault = (exchange: Exchange) => Promise<void>;
