import { hash, timingSafeEqual } from 'node:crypto';
import { HttpProblem } from './problem.ts';

const BEARER = /^bearer +(\S+) *$/i;

/**
 * Checks a call's bearer token (RFC 6750), in the same time for every wrong one.
 * @param token null where the deployment has none: then none is right.
 * @throws HttpProblem 401 that says how to authenticate.
 */
export function tokenCheck(token: string | null): (authorization: string | undefined) => void {
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  const expected = token === null ? null : digest(token);
  return (authorization) => {
    const given = BEARER.exec(authorization ?? '')?.[1];
    if (given === undefined) {
      throw new HttpProblem(401, 'Send the token as Authorization: Bearer.', {
        headers: { 'www-authenticate': 'Bearer realm="voicemail"' },
      });
    }
    if (expected !== null && timingSafeEqual(digest(given), expected)) return;
    throw new HttpProblem(401, 'The token is not valid.', {
      headers: { 'www-authenticate': 'Bearer realm="voicemail", error="invalid_token"' },
    });
  };
}
