import { check } from '@voicemail/contracts';
import type { FastifyError, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { HttpProblem } from './problem.ts';

/** What the paths of faults begin with, by the part of a call; those of a body begin with its own fields. */
const PARTS: Readonly<Record<string, string>> = { params: 'path', querystring: 'query', headers: 'header' };

/** Checks the parts of a call with the contract's words: every fault, and nothing of what was sent. */
export const validate: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (given) => {
    // A body that did not come is null to Fastify.
    const input: unknown = httpPart === 'body' ? (given ?? undefined) : given;
    const checked = check(schema, input, PARTS[httpPart ?? ''] ?? '');
    // Headers stay as they came: of those that are given back Fastify makes a new object whenever they are looked at.
    if (checked.ok) return httpPart === 'headers' ? true : { value: checked.value };
    return { error: new HttpProblem(400, 'The call is refused.', { faults: checked.faults }) };
  };

/** In the order in which Fastify looks at them; it looks no further than the first that is refused. */
const ORDER = ['params', 'body', 'querystring', 'headers'] as const;

/** A refused call's problem with the faults of every part, where it was one of them that was refused. */
export function withEveryFault(
  problem: HttpProblem,
  { validationContext }: Partial<FastifyError>,
  request: FastifyRequest,
): HttpProblem {
  if (validationContext === undefined) return problem;
  const given = { params: request.params, body: request.body, querystring: request.query, headers: request.headers };
  const later = ORDER.slice(ORDER.findIndex((part) => part === validationContext) + 1).flatMap((part) => {
    const answer: unknown = request.getValidationFunction(part)?.(given[part]);
    return answer instanceof Object && 'error' in answer && answer.error instanceof HttpProblem
      ? answer.error.faults
      : [];
  });
  return new HttpProblem(problem.status, problem.message, { faults: [...problem.faults, ...later] });
}
