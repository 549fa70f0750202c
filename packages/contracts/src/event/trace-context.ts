/** Where a trace was when the event was sent (W3C Trace Context). */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[!-~]{1,200})?$/;
/** What W3C Trace Context §3.3.1.5 asks everyone to carry. */
const MAX_TRACESTATE_CHARS = 512;

/**
 * The trace context of an event: the record's own headers, or else the distributed tracing extension (CONTRACT section 3).
 * One that is not well-formed is no fault of the event: it is left out, as W3C Trace Context §3.2.2.4 says.
 */
export function traceContext(
  headers: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, unknown>>,
): TraceContext {
  const source = [headers, attributes].find(({ traceparent }) => isTraceparent(traceparent));
  if (source === undefined) return {};
  const { traceparent, tracestate } = source;
  if (!isTraceparent(traceparent)) return {};
  return isTracestate(tracestate) ? { traceparent, tracestate } : { traceparent };
}

const isTraceparent = (value: unknown): value is string => typeof value === 'string' && TRACEPARENT.test(value);
const isTracestate = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_TRACESTATE_CHARS && /^[\t -~]+$/.test(value);
