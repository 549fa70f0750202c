import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { App } from './context.ts';
import { EVENT_PATH, eventRequestBody } from './event-document.ts';

type Document = ReturnType<typeof jsonSchemaTransformObject>;

/** Describes every route that is added from now on in an OpenAPI 3.1 document, made from the schemas that check its calls. */
export async function describeRoutes(app: App, version: string): Promise<void> {
  const options: FastifyDynamicSwaggerOptions = {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Voicemail',
        version,
        description:
          'The voicemail back end of a contact centre. Lists are `{ "items": [...], "next"?: cursor }`; errors are RFC 9457 problem documents. ' +
          'A `202` says that an event is durable in the log and was not seen to take effect within the wait.',
      },
      servers: [{ url: '/' }],
      tags: TAGS.map(([name, description]) => ({ name, description })),
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (input) => completed(jsonSchemaTransformObject(input)),
  };
  await app.register(swagger, options);
}

const TAGS = [
  ['health', 'Whether the process lives and can do its work, and what it is doing; needs no token'],
  ['documents', 'The API and the topics described; needs no token'],
  ['mailboxes', 'Mailboxes and their provisioning'],
  ['messages', 'Messages, their recordings and what users do with them'],
  ['mwi', 'Message-waiting lamps'],
  ['events', 'The CloudEvents HTTP binding'],
  ['dead letters', 'Records that were rejected'],
  ['holds', 'Legal holds: what neither the deletion rule nor retention deletes'],
  ['operations', 'What an operator has done'],
] as const;

/** The document with the bodies of events, which no route's schema describes, and without schemas that nothing refers to. */
function completed(document: Document): Document {
  if (!('paths' in document) || document.paths === undefined || !('components' in document)) return document;
  const events = document.paths[EVENT_PATH]?.post;
  if (events !== undefined) Object.assign(events, { requestBody: eventRequestBody() });
  const { components, ...rest } = document;
  const schemas = (components?.schemas ?? {}) as Readonly<Record<string, unknown>>;
  const used = referred(rest, schemas);
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...components, schemas: kept } } as Document;
}

/** The names of the schemas that something refers to, by way of others too. */
function referred(part: unknown, schemas: Readonly<Record<string, unknown>>, seen = new Set<string>()): Set<string> {
  for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
    if (name === undefined || seen.has(name)) continue;
    seen.add(name);
    referred(schemas[name] ?? null, schemas, seen);
  }
  return seen;
}
