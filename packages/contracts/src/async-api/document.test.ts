import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { topicCatalogue } from '../topics.ts';
import { asyncApiDocument } from './document.ts';

const parser = new Parser();
/** What is milder is advice about taste. */
const ERROR_OR_WARNING: ReadonlySet<number> = new Set([0, 1]);

test('the AsyncAPI document is valid', async () => {
  const { document, diagnostics } = await parser.parse(JSON.stringify(asyncApiDocument('1.2.3')));
  expect(diagnostics.filter(({ severity }) => ERROR_OR_WARNING.has(severity))).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
  expect(document?.info().version()).toBe('1.2.3');
});

test('the AsyncAPI document has the eight topics, received or sent as the catalogue says', async () => {
  const { document } = await parser.parse(JSON.stringify(asyncApiDocument('1.2.3')));
  const operations = document
    ?.operations()
    .all()
    .map((operation) => `${operation.action()} ${operation.channels().all()[0]?.address()}`);
  const catalogue = topicCatalogue({ deposits: [], gdprRequests: [] });
  expect(operations?.toSorted()).toEqual(
    catalogue.map(({ name, direction }) => `${direction === 'in' ? 'receive' : 'send'} ${name}`).toSorted(),
  );
  expect(operations).toHaveLength(8);
});

test('incoming topics take both content modes, and what may be left out is not required', () => {
  const { channels } = asyncApiDocument('1.2.3') as {
    channels: Record<
      string,
      { messages: Record<string, { payload: { properties: { data: { required: string[] } } } }> }
    >;
  };
  expect(Object.keys(channels['deposits']?.messages ?? {})).toEqual(['structured', 'binary']);
  expect(Object.keys(channels['messageActions']?.messages ?? {})).toEqual(['structured', 'binary']);
  expect(Object.keys(channels['mailboxes']?.messages ?? {})).toEqual(['structured', 'binary', 'tombstone']);
  const required = channels['deposits']?.messages['structured']?.payload.properties.data.required;
  expect(required).toContain('callerId');
  expect(required).not.toContain('priority');
});

test('the examples are what the document’s schemas describe, and an empty event is not', () => {
  const { channels } = asyncApiDocument('1.2.3') as {
    channels: Record<string, { messages: { structured: { payload: object; examples: { payload: object }[] } } }>;
  };
  const ajv = new Ajv({ strict: false, validateFormats: false });
  for (const { messages } of Object.values(channels)) {
    const validate = ajv.compile(messages.structured.payload);
    const [example] = messages.structured.examples;
    expect([validate(example?.payload), validate.errors]).toEqual([true, null]);
    expect(validate({ ...example?.payload, data: {} })).toBe(false);
  }
});
