import { HttpProblem } from './problem.ts';

/** An entity tag (RFC 9110 §8.8.3), a strong one. */
export const quoted = (etag: string): string => `"${etag}"`;

const tagsOf = (header: string): readonly string[] => header.split(',').map((tag) => tag.trim());

/** Whether `If-None-Match` names what stands there; weak tags will do (RFC 9110 §13.1.2). */
export function isNamedBy(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = tagsOf(header);
  return tags.includes('*') || tags.some((tag) => tag.replace(/^W\//, '') === quoted(etag));
}

/** `If-Match` takes strong tags alone (RFC 9110 §13.1.1). @throws HttpProblem 412. */
export function checkMatch(header: string | undefined, etag: string): void {
  if (header === undefined) return;
  const tags = tagsOf(header);
  if (tags.includes('*') || tags.includes(quoted(etag))) return;
  throw new HttpProblem(412, 'The message has changed since it was read: read it again.');
}
