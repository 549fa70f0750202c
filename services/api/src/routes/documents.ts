import { asyncApiDocument } from '@voicemail/contracts';
import { z } from 'zod';
import type { ApiOptions, App } from '../context.ts';

const Document = z.looseObject({});

/** The API and the topics described, for machines. Need no token. */
export function documentRoutes(app: App, { version }: ApiOptions): void {
  const route = (summary: string) => ({
    config: { isPublic: true },
    schema: { tags: ['documents'], security: [], summary, response: { 200: Document } },
  });
  // Made when they are first asked for: a start does not wait for them.
  app.get('/openapi.json', route('This document (OpenAPI 3.1)'), async () => ({ ...app.swagger() }));
  let asyncApi: ReturnType<typeof asyncApiDocument> | undefined;
  app.get('/asyncapi.json', route('The topics and their events (AsyncAPI 3.0)'), async () => {
    asyncApi ??= asyncApiDocument(version);
    return asyncApi;
  });
}
