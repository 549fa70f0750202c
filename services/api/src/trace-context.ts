import type { IncomingHttpHeaders } from 'node:http';

/** W3C Trace Context §3.2 and §3.3; anything else is left behind. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** The trace that a call is part of: the event that it makes carries it on. */
export function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): {
  readonly traceparent?: string;
  readonly tracestate?: string;
} {
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return {};
  return typeof tracestate === 'string' && TRACESTATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}
