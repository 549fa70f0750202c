import { expect, test } from 'vitest';
import { MwiError, type MwiErrorCode } from '../mwi-error.ts';
import { redisError } from './redis-error.ts';

const withCode = (code: string): Error => Object.assign(new Error(`connect ${code} 127.0.0.1:6379`), { code });

const CASES: readonly (readonly [Error, MwiErrorCode])[] = [
  [new Error('WRONGPASS invalid username-password pair or user is disabled.'), 'refused'],
  [new Error('NOAUTH Authentication required.'), 'refused'],
  [new Error("NOPERM User mwi has no permissions to run the 'eval' command"), 'refused'],
  [new Error("OOM command not allowed when used memory > 'maxmemory'."), 'full'],
  [new Error("OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:4."), 'full'],
  [new Error('ERR user_script:9: -OOM allow-oom flag is not set on the script'), 'full'],
  [new Error('WRONGTYPE Operation against a key holding the wrong kind of value'), 'corrupt'],
  [new Error('LOADING Valkey is loading the dataset in memory'), 'unavailable'],
  [new Error("READONLY You can't write against a read only replica."), 'unavailable'],
  [new Error('CLUSTERDOWN Hash slot not served'), 'unavailable'],
  [new Error('MISCONF Errors writing to the AOF file'), 'unavailable'],
  [new Error('MASTERDOWN Link with MASTER is down'), 'unavailable'],
  [new Error('ERR unknown command'), 'unknown'],
  [withCode('ECONNREFUSED'), 'unavailable'],
  [withCode('ENOTFOUND'), 'unavailable'],
  [withCode('ETIMEDOUT'), 'unavailable'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'refused'],
  [withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'refused'],
  [new Error('Command timed out'), 'unavailable'],
  [new Error('Connection is closed.'), 'unavailable'],
  [new Error("Stream isn't writeable and enableOfflineQueue options is false"), 'unavailable'],
  [new Error('Reached the max retries per request limit (which is 0).'), 'unavailable'],
  [
    Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: withCode('ECONNREFUSED') }),
    'unavailable',
  ],
  [Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError: new Error('WRONGPASS no') }), 'refused'],
  [new Error('something new'), 'unknown'],
];

test.each(CASES)('%s', (error, code) => {
  expect(redisError(error)).toMatchObject({ name: 'MwiError', code });
});

test('an error of ours stays what it is, and what is no error is unknown', () => {
  const own = new MwiError('closed', 'the counts were closed');
  expect(redisError(own)).toBe(own);
  expect(redisError('text')).toMatchObject({ code: 'unknown' });
});

test('the arguments of a command are not told', () => {
  const error = Object.assign(new Error('WRONGPASS no'), { command: { name: 'auth', args: ['mwi', 'secret'] } });
  expect(JSON.stringify(Object.getOwnPropertyDescriptors(redisError(error).cause))).not.toContain('secret');
});
