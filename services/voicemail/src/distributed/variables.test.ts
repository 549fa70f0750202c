import { InvalidConfig, type Environment } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { readVoicemailConfig } from '../config.ts';

const SERVERS = { KAFKA_BROKERS: 'kafka:9092', REDIS_URL: 'redis://redis:6379', CALLER_HASH_KEY_FILE: '/keys' };

function faultsOf(env: Environment): Readonly<Record<string, string>> {
  try {
    readVoicemailConfig(env);
  } catch (error) {
    if (!(error instanceof InvalidConfig)) throw error;
    return Object.fromEntries(error.faults.map(({ variable, problem }) => [variable, problem]));
  }
  return {};
}

describe('the servers of the distributed mode', () => {
  it('are named by their addresses', () => {
    const { distributed } = readVoicemailConfig({
      ...SERVERS,
      KAFKA_BROKERS: 'a:9092, b:9093,',
      REDIS_CLUSTER: 'true',
    });
    expect(distributed).toEqual({
      kafka: { brokers: ['a:9092', 'b:9093'] },
      redis: {
        urls: ['redis://redis:6379'],
        topology: 'cluster',
        passwordFile: null,
        sentinelPasswordFile: null,
        authoritiesFile: null,
      },
    });
  });

  it('are let into by what lies in files', () => {
    const { distributed } = readVoicemailConfig({
      ...SERVERS,
      KAFKA_TLS_CA_FILE: '/tls/ca.pem',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: 'voicemail',
      KAFKA_SASL_PASSWORD_FILE: '/secrets/kafka',
      KAFKA_PARTITIONS: '24',
      REDIS_SENTINEL_NAME: 'counts',
      REDIS_PASSWORD_FILE: '/secrets/redis',
    });
    expect(distributed).toMatchObject({
      kafka: {
        tls: { caFile: '/tls/ca.pem' },
        sasl: { mechanism: 'scram-sha-512', username: 'voicemail', passwordFile: '/secrets/kafka' },
        partitions: 24,
      },
      redis: { topology: { sentinelName: 'counts' }, passwordFile: '/secrets/redis' },
    });
  });

  it.each([
    [{ KAFKA_BROKERS: 'kafka' }, { KAFKA_BROKERS: 'must be <host>:<port>, several with commas between' }],
    [{ REDIS_URL: 'http://redis' }, { REDIS_URL: expect.stringContaining('redis:// or rediss://') }],
    [{ REDIS_URL: '' }, { KAFKA_BROKERS: 'needs REDIS_URL beside it, where the counts are' }],
    [{ KAFKA_BROKERS: '' }, { REDIS_URL: 'needs KAFKA_BROKERS beside it, where the log is' }],
    [{ CALLER_HASH_KEY_FILE: '' }, { KAFKA_BROKERS: expect.stringContaining('needs CALLER_HASH_KEY_FILE') }],
    [{ CLOCK_OFFSET: 'PT1H' }, { CLOCK_OFFSET: expect.stringContaining('is of the embedded mode') }],
    [{ KAFKA_SASL_MECHANISM: 'kerberos' }, { KAFKA_SASL_MECHANISM: expect.stringContaining('must be plain') }],
    [{ KAFKA_SASL_USERNAME: 'x' }, { KAFKA_SASL_USERNAME: 'needs KAFKA_SASL_MECHANISM beside it' }],
    [{ KAFKA_TLS_CERT_FILE: '/c' }, { KAFKA_TLS_CERT_FILE: 'needs KAFKA_TLS_KEY_FILE beside it' }],
    [
      { REDIS_CLUSTER: 'yes', REDIS_SENTINEL_NAME: 'counts' },
      { REDIS_SENTINEL_NAME: 'does not go with REDIS_CLUSTER: unset one of them' },
    ],
  ])('%j is told as a fault', (env, faults) => {
    expect(faultsOf({ ...SERVERS, ...env })).toEqual(faults);
  });

  it('have nothing to do with the embedded mode', () => {
    expect(faultsOf({ KAFKA_PARTITIONS: '3', REDIS_CLUSTER: 'true' })).toEqual({
      KAFKA_PARTITIONS: 'needs KAFKA_BROKERS beside it',
      REDIS_CLUSTER: 'needs REDIS_URL beside it',
    });
  });
});
