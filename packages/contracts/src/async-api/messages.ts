import { z } from 'zod';
import { DepositAttributes } from '../data/binary-deposit.ts';
import { MailboxName } from '../data/mailbox.ts';
import { Attributes } from '../event/attributes.ts';
import { ATTRIBUTE_PREFIX, CONTENT_TYPE, STRUCTURED } from '../event/record.ts';
import type { EventType } from '../topics.ts';
import { jsonSchema } from './json-schema.ts';

const TRACE = {
  traceparent: z.string().optional().meta({ description: 'W3C Trace Context' }),
  tracestate: z.string().optional(),
};

/** A message of the document. */
export interface DocumentMessage {
  readonly name: string;
  readonly title: string;
  readonly contentType: string;
  readonly headers: object;
  readonly payload: object;
  readonly bindings: object;
  readonly examples?: readonly object[];
}

type Side = 'publisher' | 'subscriber';

/** An event as a whole, in structured mode. */
export function structuredMessage(type: EventType, data: z.ZodType, side: Side, example: object): DocumentMessage {
  const payload = Attributes.extend({ type: z.literal(type), ...TRACE, data });
  return {
    name: type,
    title: `${type}, structured`,
    contentType: STRUCTURED,
    headers: jsonSchema(z.object({ [CONTENT_TYPE]: z.literal(STRUCTURED), ...TRACE }), side),
    payload: jsonSchema(payload, side),
    bindings: KEYED,
    examples: [
      { name: type, payload: { specversion: '1.0', source: '/example', time: EXAMPLE_TIME, type, ...example } },
    ],
  };
}

/** An event in binary mode whose value is its data as JSON. */
export function binaryMessage(type: EventType, data: z.ZodType): DocumentMessage {
  return {
    name: `${type}.binary`,
    title: `${type}, binary`,
    contentType: 'application/json',
    headers: headers({ ...attributesOf(type) }, z.literal('application/json')),
    payload: jsonSchema(data, 'publisher'),
    bindings: KEYED,
  };
}

/** A deposit in binary mode: the value is the recording. */
export function binaryDeposit(type: EventType): DocumentMessage {
  const { datacontenttype, ...attributes } = DepositAttributes.shape;
  return {
    name: `${type}.binary`,
    title: `${type}, binary: the value is the recording`,
    contentType: 'application/octet-stream',
    headers: headers({ ...attributesOf(type), ...attributes }, datacontenttype),
    payload: {
      type: 'string',
      format: 'binary',
      description: 'The recording; empty where ce_dataref names a staged one',
    },
    bindings: KEYED,
  };
}

/** The tombstone that removes what the key names. */
export function tombstone(type: EventType): DocumentMessage {
  return {
    name: `${type}.tombstone`,
    title: `${type}, tombstone: no value`,
    contentType: 'application/json',
    headers: headers({ ...attributesOf(type), ...MailboxName.partial().shape }, z.string().optional()),
    payload: { type: 'null' },
    bindings: KEYED,
  };
}

export const EXAMPLE_TIME = '2026-03-02T10:00:00.000Z';

const KEYED = {
  kafka: {
    key: { type: 'string', description: '<tenant_id>/<mailbox>; <tenant_id> on the topics of GDPR' },
    bindingVersion: '0.5.0',
  },
};

function attributesOf(type: EventType): z.ZodRawShape {
  const { datacontenttype: _contentType, ...attributes } = Attributes.shape;
  return { ...attributes, type: z.literal(type) };
}

function headers(attributes: z.ZodRawShape, contentType: z.ZodType): object {
  const prefixed = Object.entries(attributes).map(([name, schema]) => [ATTRIBUTE_PREFIX + name, schema] as const);
  return jsonSchema(z.object({ [CONTENT_TYPE]: contentType, ...Object.fromEntries(prefixed), ...TRACE }), 'publisher');
}
