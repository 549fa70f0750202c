import type { Clock } from '@voicemail/runtime';
import fastify from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { AcceptedRequests } from './accepted-requests.ts';
import { createBodies } from './body.ts';
import { closeApp, refuseWhileClosing } from './close.ts';
import { callersTenant, type ApiOptions, type App, type HealthServerOptions } from './context.ts';
import { createIntake } from './intake.ts';
import { takeJson } from './json-body.ts';
import { CLOSE_GRACE_MS, MAX_PARAM_CHARS, REQUEST_TIMEOUT_MS } from './limits.ts';
import { longWork } from './long-work.ts';
import { measure } from './measure.ts';
import { describeRoutes } from './openapi.ts';
import { openRecordings } from './open-recordings.ts';
import { answerProblems, refuseNoRequest, refuseUnreadable } from './refusals.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { documentRoutes } from './routes/documents.ts';
import { eventRoutes } from './routes/events.ts';
import { gdprExportRoute } from './routes/gdpr-export.ts';
import { gdprRoutes } from './routes/gdpr.ts';
import { healthRoutes } from './routes/health.ts';
import { holdRoutes } from './routes/holds.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { mediaRoutes } from './routes/media.ts';
import { messageActionRoutes } from './routes/message-actions.ts';
import { messageRoutes } from './routes/messages.ts';
import { mwiRoutes } from './routes/mwi.ts';
import { operationRoutes } from './routes/operations.ts';
import { storageRoutes } from './routes/storage.ts';
import { tokenCheck } from './token.ts';
import { validate } from './validation.ts';

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
  /** A call without a socket. */
  readonly inject: App['inject'];
  /** Takes no new call, waits for those under way, and cuts off what is not done after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export async function createApi(options: ApiOptions): Promise<Api> {
  const { clock } = options;
  const app = newApp(options);
  const bodies = createBodies(createIntake(), clock);
  requireToken(app, options);
  protectAnswers(app);
  await describeRoutes(app, options.version);
  const work = longWork(options);
  const open = openRecordings();
  const accepted = new AcceptedRequests(options.clock);
  app.addHook('preClose', () => work.stop());
  await app.register(async (routes) => {
    const typed: App = routes.withTypeProvider();
    takeJson(typed, bodies);
    healthRoutes(typed, options);
    documentRoutes(typed, options);
    mailboxRoutes(typed, options);
    messageRoutes(typed, options);
    messageActionRoutes(typed, options);
    mediaRoutes(typed, options, open);
    mwiRoutes(typed, options);
    gdprRoutes(typed, options, accepted);
    gdprExportRoute(typed, options, open, accepted);
    holdRoutes(typed, options);
    deadLetterRoutes(typed, options);
    operationRoutes(typed, options);
    storageRoutes(typed, options, work);
  });
  await app.register(async (routes) => eventRoutes(routes.withTypeProvider(), options, bodies));
  return served(app, clock);
}

/** Health and metrics alone, of a process that serves no calls: `GET /healthz`, `/readyz` and `/metrics`, without a token. */
export async function createHealthServer(options: HealthServerOptions): Promise<Api> {
  const app = newApp(options);
  healthRoutes(app, options);
  return served(app, options.clock);
}

function newApp(options: HealthServerOptions): App {
  const app: App = fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: refuseUnreadable,
    clientErrorHandler: refuseNoRequest,
  }).withTypeProvider();
  app.setValidatorCompiler(validate);
  app.setSerializerCompiler(serializerCompiler);
  app.removeAllContentTypeParsers();
  measure(app, options);
  refuseWhileClosing(app);
  answerProblems(app, options);
  return app;
}

async function served(app: App, clock: Clock): Promise<Api> {
  await app.ready();
  return {
    app,
    inject: app.inject.bind(app),
    listen: ({ host, port }) => app.listen({ host, port }),
    close: (graceMs = CLOSE_GRACE_MS) => closeApp(app, clock, graceMs),
  };
}

/** Before a body is read: who has no token, or acts for a tenant that is suspended, sends it in vain. */
function requireToken(app: App, options: ApiOptions): void {
  const check = tokenCheck(options.token);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isPublic === true) return;
    check(request.headers.authorization);
    callersTenant(options);
  });
}

/** What is answered is a caller's data: nobody on the way keeps it, and no browser takes it for something to be run. */
function protectAnswers(app: App): void {
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.routeOptions.config.isPublic !== true && !reply.hasHeader('cache-control')) {
      reply.header('cache-control', 'private, no-store');
    }
  });
}
