import type { Fault } from '../fault.ts';
import { isBase64 } from '../data/base64.ts';
import { essence, isObject, parseJson } from './json.ts';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE, STRUCTURED, type EventRecord } from './record.ts';

/** An event taken apart, the same for both content modes; nothing in it is checked yet. */
export interface OpenEvent {
  /** By the names of CloudEvents; the data's content type is `datacontenttype`. Those that are null are left out. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly data: EventPayload;
  /** How a fault names an attribute: `time`, in binary mode `ce_time`. */
  readonly pathOf: (attribute: string) => string;
}

export type EventPayload =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** Takes a record apart by its content mode (CloudEvents Kafka binding §3), or says why it is no CloudEvent. */
export function openEvent(record: EventRecord): OpenEvent | readonly Fault[] {
  const mode = essence(record.headers[CONTENT_TYPE] ?? '');
  if (mode === STRUCTURED) return openStructured(record.value);
  if (mode.startsWith('application/cloudevents-batch')) {
    return [
      { path: CONTENT_TYPE, message: 'is batch mode: send one event at a time, as application/cloudevents+json' },
    ];
  }
  if (mode.startsWith('application/cloudevents')) {
    return [{ path: CONTENT_TYPE, message: 'is an event format that is not read: send application/cloudevents+json' }];
  }
  return openBinary(record);
}

function openStructured(value: Uint8Array | null): OpenEvent | readonly Fault[] {
  const event = value === null ? undefined : parseJson(value)?.value;
  if (!isObject(event)) return [{ path: '', message: 'the value must be a CloudEvent: one JSON object in UTF-8' }];
  const { data, data_base64: base64, ...rest } = event;
  const attributes = Object.fromEntries(Object.entries(rest).filter(([, attribute]) => attribute !== null));
  const open = (payload: EventPayload): OpenEvent => ({ attributes, data: payload, pathOf: (name) => name });
  if (base64 === undefined || base64 === null)
    return open(data === undefined ? { kind: 'none' } : { kind: 'json', value: data });
  if (data !== undefined) return [{ path: 'data_base64', message: 'must not be there beside data' }];
  if (typeof base64 !== 'string' || !isBase64(base64)) {
    return [{ path: 'data_base64', message: 'must be base64 (RFC 4648 §4), padded, without line breaks' }];
  }
  return open({ kind: 'bytes', bytes: Buffer.from(base64, 'base64') });
}

function openBinary({ value, headers }: EventRecord): OpenEvent | readonly Fault[] {
  const attributes: Record<string, string> = {};
  let isEvent = false;
  for (const [name, text] of Object.entries(headers)) {
    if (!name.startsWith(ATTRIBUTE_PREFIX)) continue;
    attributes[name.slice(ATTRIBUTE_PREFIX.length)] = text;
    isEvent = true;
  }
  if (!isEvent) {
    return [
      {
        path: '',
        message: `must be a CloudEvent: the header content-type ${STRUCTURED} and the whole event as the value, or its attributes as ${ATTRIBUTE_PREFIX}* headers`,
      },
    ];
  }
  const contentType = headers[CONTENT_TYPE];
  if (contentType !== undefined) attributes['datacontenttype'] = contentType;
  return {
    attributes,
    data: value === null || value.length === 0 ? { kind: 'none' } : { kind: 'bytes', bytes: value },
    pathOf: (name) => (name === 'datacontenttype' ? CONTENT_TYPE : ATTRIBUTE_PREFIX + name),
  };
}

/** The event's data where it is JSON; a fault where it is something else. */
export function jsonData(
  { attributes, data, pathOf }: OpenEvent,
  isJson: (contentType: string) => boolean,
): { value: unknown } | Fault {
  if (data.kind === 'none') return { path: 'data', message: 'is missing' };
  if (data.kind === 'json') return data;
  const contentType = attributes['datacontenttype'];
  if (typeof contentType === 'string' && !isJson(contentType)) {
    return { path: pathOf('datacontenttype'), message: 'must be application/json' };
  }
  return parseJson(data.bytes) ?? { path: 'data', message: 'must be JSON in UTF-8' };
}
