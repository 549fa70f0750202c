import { STATUS_CODES } from 'node:http';
import { Problem } from '@voicemail/contracts';

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 410 | 412 | 413 | 415 | 416 | 422 | 503;

interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof Problem } };
}

/** The problem answers of a route, for its document. */
export function problems<S extends ProblemStatus>(...statuses: readonly S[]): Record<S, ProblemResponse> {
  const responses = statuses.map((status) => [
    status,
    {
      description: STATUS_CODES[status] ?? 'Error',
      content: { 'application/problem+json': { schema: Problem } },
    },
  ]);
  return Object.fromEntries(responses) as Record<S, ProblemResponse>;
}
