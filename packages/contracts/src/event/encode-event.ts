import { CONTENT_TYPE, STRUCTURED } from './record.ts';
import type { TraceContext } from './trace-context.ts';

/** An event to be sent. */
export interface OutgoingEvent extends TraceContext {
  readonly id: string;
  /** A URI reference: who says it. */
  readonly source: string;
  readonly type: string;
  /** RFC 3339. */
  readonly time: string;
  readonly subject?: string;
  readonly data: unknown;
}

/**
 * Encodes an event in structured mode (CloudEvents Kafka binding §3.3). The trace context goes into the event, where it
 * outlives the record, and into the record's headers, where tracers look for it.
 */
export function encodeEvent(event: OutgoingEvent): {
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { data, traceparent, tracestate, ...attributes } = event;
  const trace = {
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
  };
  const envelope = { specversion: '1.0', ...attributes, datacontenttype: 'application/json', ...trace, data };
  return { value: Buffer.from(JSON.stringify(envelope)), headers: { [CONTENT_TYPE]: STRUCTURED, ...trace } };
}
