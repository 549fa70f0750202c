import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Fault } from './fault.ts';
import { openFaultProxy } from './fault-proxy.ts';
import { faults } from './faults.ts';

const { s3, azure } = faults;

/** What a client sees of a fault, and how many requests reached the server behind it. */
async function seen(fault: Fault, init: RequestInit = {}) {
  let reached = 0;
  const server = createServer((_request, response) => {
    reached += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using proxy = await openFaultProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  proxy.inject({}, fault);
  const answer = await fetch(proxy.url, init);
  const text = await answer.text();
  server.closeAllConnections();
  server.close();
  return { status: answer.status, headers: answer.headers, text, reached };
}

describe('an answer in the server’s place', () => {
  const cases: readonly (readonly [string, Fault, number, string])[] = [
    ['SlowDown', s3.slowDown(), 503, '<Code>SlowDown</Code>'],
    ['InternalError', s3.internalError(), 500, '<Code>InternalError</Code>'],
    ['TooManyRequests', s3.tooManyRequests(2), 429, '<Code>TooManyRequests</Code>'],
    ['ExpiredToken', s3.expiredToken(), 400, '<Code>ExpiredToken</Code>'],
    ['ExpiredToken of others', s3.expiredToken(403), 403, '<Code>ExpiredToken</Code>'],
    ['AccessDenied', s3.accessDenied(), 403, '<Code>AccessDenied</Code>'],
    ['ConditionalRequestConflict', s3.conditionalRequestConflict(), 409, '<Code>ConditionalRequestConflict</Code>'],
    ['RequestTimeTooSkewed', s3.requestTimeTooSkewed(60_000), 403, '<Code>RequestTimeTooSkewed</Code>'],
    ['ServerBusy', azure.serverBusy(), 503, '<Code>ServerBusy</Code>'],
    ['InternalError of Azure', azure.internalError(), 500, '<Code>InternalError</Code>'],
    ['OperationTimedOut', azure.operationTimedOut(), 500, '<Code>OperationTimedOut</Code>'],
    ['TooManyRequests of Azure', azure.tooManyRequests(2), 429, '<Code>TooManyRequests</Code>'],
    ['AuthenticationFailed', azure.authenticationFailed(), 403, '<Code>AuthenticationFailed</Code>'],
  ];
  it.each(cases)('is the store’s: %s', async (_name, fault, status, part) => {
    const answer = await seen(fault, { method: 'PUT', body: 'x'.repeat(100_000) });
    expect([answer.status, answer.reached]).toEqual([status, 0]);
    expect(answer.text).toContain(part);
    expect(answer.headers.get('content-type')).toBe('application/xml');
  });

  it('has a Retry-After in seconds where it asks for one', async () => {
    expect((await seen(s3.tooManyRequests(2))).headers.get('retry-after')).toBe('2');
    expect((await seen(azure.tooManyRequests(3))).headers.get('retry-after')).toBe('3');
  });

  it('of Azure has its code in a header too, which is all that a HEAD gets', async () => {
    const answer = await seen(azure.serverBusy(), { method: 'HEAD' });
    expect([answer.headers.get('x-ms-error-code'), answer.text]).toEqual(['ServerBusy', '']);
  });

  it('tells the time of a clock that is off', async () => {
    const answer = await seen(s3.requestTimeTooSkewed(-3_600_000));
    const offMs = Date.parse(answer.headers.get('date') ?? '') - Date.now();
    expect(offMs).toBeGreaterThan(-3_602_000);
    expect(offMs).toBeLessThanOrEqual(-3_600_000);
  });
});
