import { S3ServiceException } from '@aws-sdk/client-s3';
import { constants } from 'node:os';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { KINDS_OF_CODES } from './error-codes.ts';

/** As the SDK makes one of a server's answer. */
function refusal(status: number, code: string | null, headers: Readonly<Record<string, string>> = {}): Error {
  const error = new S3ServiceException({
    name: code ?? 'Unknown',
    $fault: 'client',
    $metadata: { httpStatusCode: status, requestId: 'REQUEST0' },
    message: 'https://bucket/what-was-sent',
  });
  return Object.assign(error, code === null ? {} : { Code: code }, { $response: { headers } });
}

const failing = (code: string): Error => Object.assign(new Error(`${code}: failed`), { code });

describe('an answer of the store', () => {
  it.each([
    [412, 'PreconditionFailed', 'condition-failed'],
    [409, 'ConditionalRequestConflict', 'busy'],
    [409, 'OperationAborted', 'busy'],
    [409, 'ObjectParentIsFile', 'invalid-key'],
    [400, 'KeyTooLongError', 'invalid-key'],
    [404, 'NoSuchBucket', 'unavailable'],
    [404, 'NoSuchUpload', 'busy'],
    [404, 'SomethingElse', 'unavailable'],
    [301, 'PermanentRedirect', 'unavailable'],
    [400, 'AuthorizationHeaderMalformed', 'unavailable'],
    [403, 'AccessDenied', 'permission-denied'],
    [403, 'InvalidAccessKeyId', 'permission-denied'],
    [403, 'SignatureDoesNotMatch', 'permission-denied'],
    [400, 'ExpiredToken', 'permission-denied'],
    [403, 'RequestTimeTooSkewed', 'permission-denied'],
    [400, 'KMS.DisabledException', 'permission-denied'],
    [403, 'SomethingElse', 'permission-denied'],
    [503, 'SlowDown', 'busy'],
    [503, null, 'busy'],
    [429, 'TooManyRequests', 'busy'],
    [500, 'InternalError', 'unavailable'],
    [502, null, 'unavailable'],
    [504, null, 'timeout'],
    [400, 'RequestTimeout', 'timeout'],
    [507, 'InsufficientStorage', 'full'],
    [403, 'QuotaExceeded', 'full'],
    [501, 'NotImplemented', 'unsupported'],
    [400, 'BadDigest', 'unavailable'],
    [416, 'InvalidRange', 'invalid-range'],
    [400, 'SomethingElse', 'unknown'],
    [418, null, 'unknown'],
  ] as const)('%i %s is %s', (status, code, kind) => {
    const error = storeError('put', 'a/b', refusal(status, code));
    expect(error).toMatchObject({ kind, operation: 'put', key: 'a/b' });
    expect(error.message).toContain(`${status}`);
    expect(error.message).toContain(code ?? '(');
  });

  it('is told without the server’s own text, which may repeat what was sent', () => {
    for (const code of [...Object.keys(KINDS_OF_CODES), null]) {
      const error = storeError('put', 'a/b', refusal(400, code));
      expect(inspect(error, { showHidden: true, depth: null })).not.toContain('what-was-sent');
      expect(error.cause).toMatchObject({ status: 400, code: code ?? 'Unknown', requestId: 'REQUEST0' });
    }
    const within = new StoreFault('condition-failed', 'there is no such object', { cause: refusal(404, 'NoSuchKey') });
    const error = storeError('put', 'a/b', within);
    expect(inspect(error, { showHidden: true, depth: null })).not.toContain('what-was-sent');
    expect(error.cause).toMatchObject({ cause: { status: 404, code: 'NoSuchKey' } });
    // A word of the server that is none is its text too.
    expect(inspect(storeError('put', 'a/b', refusal(400, 'a word: what-was-sent')))).not.toContain('what-was-sent');
  });

  it('says what to do about a clock, a region, a bucket', () => {
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    expect(storeError('get', 'k', refusal(403, 'RequestTimeTooSkewed', { date })).message).toBe(
      `get k: this machine's clock is not right, the store's says ${date}: check that it is synchronised (RequestTimeTooSkewed, 403)`,
    );
    expect(
      storeError('get', 'k', refusal(301, 'PermanentRedirect', { 'x-amz-bucket-region': 'eu-west-1' })).message,
    ).toBe('get k: the bucket is of region eu-west-1: set `region` to it (PermanentRedirect, 301)');
    expect(storeError('get', 'k', refusal(404, 'NoSuchBucket')).message).toBe(
      'get k: there is no such bucket (NoSuchBucket, 404)',
    );
  });

  it('may say how long to leave it alone, in seconds or by its own clock', () => {
    const date = 'Thu, 01 Jan 2026 00:00:00 GMT';
    const until = 'Thu, 01 Jan 2026 00:00:07 GMT';
    const asked = (headers: Readonly<Record<string, string>>): number | null =>
      storeError('put', 'k', refusal(503, 'SlowDown', headers)).retryAfterMs;
    expect(asked({ 'retry-after': '3' })).toBe(3000);
    expect(asked({ 'retry-after': until, date })).toBe(7000);
    expect(asked({ 'retry-after': date, date: until })).toBe(0);
    expect(asked({ 'retry-after': 'soon' })).toBeNull();
    expect(asked({})).toBeNull();
  });
});

describe('an error of the way there', () => {
  it.each([
    ['ECONNREFUSED', 'unavailable'],
    ['ECONNRESET', 'unavailable'],
    ['EPIPE', 'unavailable'],
    ['ENOTFOUND', 'unavailable'],
    ['EAI_AGAIN', 'unavailable'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'unavailable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'unavailable'],
    ['CERT_HAS_EXPIRED', 'unavailable'],
    ['ETIMEDOUT', 'timeout'],
    ['EMFILE', 'busy'],
    ['ERR_INVALID_ARG_TYPE', 'unknown'],
  ])('%s is %s', (code, kind) => {
    const error = storeError('put', 'a/b', failing(code));
    expect(error).toMatchObject({ kind });
    expect(error.message).toContain(code);
  });

  it('is one of the port’s whatever it is, and may then be tried again', () => {
    for (const code of Object.keys(constants.errno))
      expect(storeError('get', null, failing(code)).retryable).toBe(true);
    for (const other of [new Error('plain'), new TypeError('of ours'), 'text', null, undefined]) {
      expect(storeError('get', 'k', other)).toMatchObject({ kind: 'unknown', retryable: true });
    }
  });

  it('that is the port’s own stays as it is, and a fault gets its call and key', () => {
    const own = new StoreError('busy', 'put', 'k', 'once');
    expect(storeError('get', 'other', own)).toBe(own);
    expect(storeError('get', 'k', new StoreFault('corrupt', 'spoilt'))).toMatchObject({
      kind: 'corrupt',
      message: 'get k: spoilt',
    });
  });
});
