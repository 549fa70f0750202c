import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { allowedMethods } from './allowed-methods.ts';
import type { HealthServerOptions, App } from './context.ts';
import { routeOf } from './measure.ts';
import { HttpProblem, problemDocument, toProblem } from './problem.ts';
import { withEveryFault } from './validation.ts';

const PROBLEM_JSON = 'application/problem+json';

/** Answers a call with a problem document. */
export function refuse(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_JSON)
    .serializer((payload) => JSON.stringify(payload))
    .send(problemDocument(problem));
}

/** Every refusal is a problem document; what is not the caller's doing is logged, with the route and without what was sent. */
export function answerProblems(app: App, { logger }: HealthServerOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = withEveryFault(toProblem(error), error as Partial<FastifyError>, request);
    if (problem.status >= 500) {
      logger.error({ err: error, route: routeOf(request), status: problem.status }, 'a call failed');
    }
    return refuse(reply, problem);
  });
  const methodsOf = allowedMethods(app);
  // Before the body is looked at: what is sent to a place that is not there has no type to be wrong.
  app.addHook('onRequest', async (request) => {
    if (request.is404) throw nothingHere(methodsOf(request.url));
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, nothingHere([])));
}

/** @param methods that the place takes; none where there is no such place. */
function nothingHere(methods: readonly string[]): HttpProblem {
  if (methods.length === 0) return new HttpProblem(404, 'There is nothing here.');
  const headers = { allow: methods.join(', ') };
  return new HttpProblem(405, `This call is made with ${methods.join(' or ')}.`, { headers });
}

/** Refuses what the router cannot read. Its own words would repeat the path. */
export function refuseUnreadable(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  void refuse(reply, toProblem(error));
}

/** Answers bytes that are no HTTP request, or one that does not come to its end (`clientError` of node:http). */
export function refuseNoRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = noRequest(error.code);
  const body = JSON.stringify(problemDocument(problem));
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? 'Error'}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function noRequest(code: string | undefined): HttpProblem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new HttpProblem(408, 'The call did not come to its end in time.');
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpProblem(431, 'The headers are too large.');
  return new HttpProblem(400, 'This is no HTTP request.');
}
