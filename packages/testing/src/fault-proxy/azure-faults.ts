import { randomUUID } from 'node:crypto';
import type { Fault } from './fault.ts';
import { networkFaults } from './network-faults.ts';

/** An error of Azure Blob Storage, as its REST reference has them ("Status and error codes"). */
const error =
  (status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}): Fault =>
  // As the service does, it gives every request an id of its own.
  (exchange) =>
    networkFaults.answer(
      status,
      { 'content-type': 'application/xml', 'x-ms-error-code': code, 'x-ms-request-id': randomUUID(), ...headers },
      `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    )(exchange);

/** What Azure answers when it does not do what it was asked. The server behind the proxy sees nothing. */
export const azureFaults = {
  error,
  serverBusy: (): Fault => error(503, 'ServerBusy', 'The server is currently unable to receive requests.'),
  internalError: (): Fault => error(500, 'InternalError', 'The server encountered an internal error.'),
  operationTimedOut: (): Fault => error(500, 'OperationTimedOut', 'The operation could not be completed in time.'),
  tooManyRequests: (retryAfterSeconds: number): Fault =>
    error(429, 'TooManyRequests', 'The request is being throttled.', { 'retry-after': String(retryAfterSeconds) }),
  /** A key that was changed, a signature that has run out, a clock that is off: Azure says the same of each. */
  authenticationFailed: (): Fault => error(403, 'AuthenticationFailed', 'Server failed to authenticate the request.'),
};
