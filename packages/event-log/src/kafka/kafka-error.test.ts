import {
  KafkaJSConnectionError,
  KafkaJSDeleteTopicRecordsError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { LogError } from '../log-error.ts';
import { kafkaError } from './kafka-error.ts';

/** What the client throws for an answer of the brokers. */
const answer = (type: string, retriable = false): KafkaJSProtocolError => {
  const error = new KafkaJSProtocolError(new Error(`the brokers say ${type}`));
  return Object.assign(error, { type, retriable });
};

const codeOf = (error: unknown): string => kafkaError('testing', error).code;

describe('an error of the client', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', false, 'too-large'],
    ['INVALID_CONFIG', false, 'incompatible'],
    ['TOPIC_AUTHORIZATION_FAILED', false, 'unavailable'],
    ['UNKNOWN_PRODUCER_ID', false, 'unavailable'],
    ['NOT_ENOUGH_REPLICAS', true, 'unavailable'],
    ['UNKNOWN_TOPIC_OR_PARTITION', true, 'unavailable'],
    ['SOMETHING_NEW', true, 'unavailable'],
    ['SOMETHING_NEW', false, 'unknown'],
  ])('for the answer %s (retriable: %s) is %s', (type, retriable, code) => {
    expect(codeOf(answer(type, retriable))).toBe(code);
  });

  it('is known by what lies inside it, however often it was tried', () => {
    const inner = answer('MESSAGE_TOO_LARGE');
    const tried = new KafkaJSNumberOfRetriesExceeded(inner, { retryCount: 5, retryTime: 100 });
    expect(codeOf(tried)).toBe('too-large');
    expect(codeOf(Object.assign(new KafkaJSNonRetriableError(tried), { cause: tried }))).toBe('too-large');
    const several = Object.assign(new Error('several'), { errors: [inner, new Error('another')] });
    expect(codeOf(several)).toBe('too-large');
    const partitions = [{ partition: 0, offset: '1', error: answer('POLICY_VIOLATION') }];
    expect(codeOf(new KafkaJSDeleteTopicRecordsError({ topic: 't', partitions }))).toBe('incompatible');
  });

  it('is unavailable where the network or a secret’s file is', () => {
    expect(codeOf(new KafkaJSConnectionError('no connection'))).toBe('unavailable');
    expect(codeOf(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))).toBe('unavailable');
    expect(codeOf(Object.assign(new Error('no such file'), { code: 'ENOENT' }))).toBe('unavailable');
  });

  it('that is not known stays so, and ends though it is its own cause', () => {
    expect(codeOf(new TypeError('a mistake of ours'))).toBe('unknown');
    expect(codeOf('a text')).toBe('unknown');
    const circular = new Error('round');
    circular.cause = circular;
    expect(codeOf(circular)).toBe('unknown');
  });

  it('says what was done, why it failed and what to do, and keeps the client’s own', () => {
    const inner = answer('NOT_ENOUGH_REPLICAS', true);
    const error = kafkaError('records cannot be appended', inner);
    expect(error.message).toMatch(/^records cannot be appended: .*NOT_ENOUGH_REPLICAS \(look at the brokers/);
    expect([error.cause, error.retryable]).toEqual([inner, true]);
    const own = new LogError('closed', 'closed');
    expect(kafkaError('x', own)).toBe(own);
  });
});
