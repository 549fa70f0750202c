import { asyncApiDocument } from '@voicemail/contracts';
import type { ApiOptions, App } from '../context.ts';

/** The API and the topics described, for machines. Need no token. */
export function documentRoutes(app: App, { version }: ApiOptions): void {
  const route = { config: { isPublic: true }, schema: { hide: true } };
  app.get('/openapi.json', route, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
  const asyncApi = JSON.stringify(asyncApiDocument(version));
  app.get('/asyncapi.json', route, async (_request, reply) => reply.type('application/json').send(asyncApi));
}
