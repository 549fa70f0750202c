import swagger from '@fastify/swagger';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import type { ApiOptions, App } from './context.ts';
import { MAX_BODY_BYTES } from './limits.ts';
import { HttpProblem, problemDocument, toProblem } from './problem.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { documentRoutes } from './routes/documents.ts';
import { eventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { mediaRoutes } from './routes/media.ts';
import { messageRoutes } from './routes/messages.ts';
import { mwiRoutes } from './routes/mwi.ts';
import { operationRoutes } from './routes/operations.ts';
import { tokenCheck } from './token.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Needs no token. */
    isPublic?: boolean;
  }
}

/** The HTTP API (CONTRACT section 7). */
export interface Api {
  /** @returns where it listens, as a URL. */
  listen(where: { readonly host: string; readonly port: number }): Promise<string>;
  /** The server itself, for calls without a socket. */
  readonly app: App;
  /** Takes no new call, and waits for those under way. */
  close(): Promise<void>;
}

export async function createApi(options: ApiOptions): Promise<Api> {
  const app: App = fastify({
    bodyLimit: MAX_BODY_BYTES,
    logger: false,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
    return503OnClosing: true,
  }).withTypeProvider();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addContentTypeParser(
    'application/merge-patch+json',
    { parseAs: 'string' },
    app.getDefaultJsonParser('error', 'error'),
  );
  answerProblems(app, options);
  measure(app, options);
  requireToken(app, options);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Voicemail',
        version: options.version,
        description: 'The voicemail back end of a contact centre.',
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  });
  await app.register(async (routes) => {
    const typed: App = routes.withTypeProvider();
    healthRoutes(typed, options);
    documentRoutes(typed, options);
    mailboxRoutes(typed, options);
    messageRoutes(typed, options);
    mediaRoutes(typed, options);
    mwiRoutes(typed, options);
    deadLetterRoutes(typed, options);
    operationRoutes(typed, options);
  });
  await app.register(async (routes) => eventRoutes(routes.withTypeProvider(), options));
  return {
    app,
    listen: ({ host, port }) => app.listen({ host, port }),
    close: () => app.close(),
  };
}

/** Every refusal is a problem document; what is not the caller's doing is logged, with the route and without what was sent. */
function answerProblems(app: App, { logger }: ApiOptions): void {
  const answer = (reply: FastifyReply, problem: HttpProblem): FastifyReply =>
    reply
      .code(problem.status)
      .headers(problem.headers)
      .type('application/problem+json')
      .serializer((payload) => JSON.stringify(payload))
      .send(problemDocument(problem));
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500)
      logger.error({ err: error, route: routeOf(request), status: problem.status }, 'a call failed');
    return answer(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) => answer(reply, new HttpProblem(404, 'There is nothing here.')));
}

function requireToken(app: App, { token }: ApiOptions): void {
  const check = tokenCheck(token);
  app.addHook('onRequest', async (request) => {
    if (request.is404 || request.routeOptions.config.isPublic === true) return;
    check(request.headers.authorization);
  });
}

/** Calls by route, never by path: a path names mailboxes. */
function measure(app: App, { metrics, logger }: ApiOptions): void {
  const seconds = metrics.histogram({
    name: 'voicemail_http_seconds',
    help: 'Duration of calls.',
    labels: ['method', 'route', 'status'],
  });
  app.addHook('onResponse', async (request, reply) => {
    const labels = { method: request.method, route: routeOf(request), status: String(reply.statusCode) };
    seconds.observe(labels, reply.elapsedTime / 1_000);
    logger.debug({ ...labels, ms: Math.round(reply.elapsedTime) }, 'call');
  });
}

const routeOf = (request: FastifyRequest): string => request.routeOptions.url ?? 'none';
