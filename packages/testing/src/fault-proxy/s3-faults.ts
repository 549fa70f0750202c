import type { Fault } from './fault.ts';
import { networkFaults } from './network-faults.ts';

/** An error of S3, as its REST reference has them ("Error responses"). */
const error = (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Fault =>
  networkFaults.answer(
    status,
    { 'content-type': 'application/xml', 'x-amz-request-id': REQUEST_ID, ...headers },
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>${REQUEST_ID}</RequestId></Error>`,
  );
const REQUEST_ID = 'FAULTPROXY000000';

/** What S3 answers when it does not do what it was asked. The server behind the proxy sees nothing. */
export const s3Faults = {
  error,
  slowDown: (): Fault => error(503, 'SlowDown', 'Please reduce your request rate.'),
  internalError: (): Fault => error(500, 'InternalError', 'We encountered an internal error. Please try again.'),
  /** Stores that are like S3 answer so. */
  tooManyRequests: (retryAfterSeconds: number): Fault =>
    error(429, 'TooManyRequests', 'Please reduce your request rate.', { 'retry-after': String(retryAfterSeconds) }),
  /** S3 itself says so with 400; others with 403. */
  expiredToken: (status: 400 | 403 = 400): Fault => error(status, 'ExpiredToken', 'The provided token has expired.'),
  accessDenied: (): Fault => error(403, 'AccessDenied', 'Access Denied'),
  /** Two conditional writes of one key met. */
  conditionalRequestConflict: (): Fault =>
    error(409, 'ConditionalRequestConflict', 'A conflicting operation occurred during the request.'),
  /** The server's clock is off by so much, positive ahead of ours, and it refuses the time in the signature. */
  requestTimeTooSkewed:
    (offsetMs: number): Fault =>
    (exchange) =>
      error(403, 'RequestTimeTooSkewed', 'The difference between the request time and the server time is too large.', {
        date: new Date(Date.now() + offsetMs).toUTCString(),
      })(exchange),
};
