import { Problem } from '@voicemail/contracts';

type ProblemStatus = 400 | 401 | 403 | 404 | 409 | 412 | 413 | 415 | 416 | 503;

/** The problem answers of a route, for its document. */
export function problems<S extends ProblemStatus>(...statuses: readonly S[]): Record<S, typeof Problem> {
  return Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<S, typeof Problem>;
}
