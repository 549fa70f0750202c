import { describe, expect, it } from 'vitest';
import { redactLine, REDACTED } from './redact-line.ts';

const redact = (fields: unknown): Record<string, unknown> =>
  JSON.parse(redactLine(JSON.stringify(fields))) as Record<string, unknown>;

describe('the last look at a log line', () => {
  it.each([
    'callerId',
    'caller',
    'ce_callerid',
    'ce-callerid',
    'caller_id',
    'CallerID',
    'phone',
    'phones',
    'consumers',
  ])('redacts %s at any depth, whatever it holds', (name) => {
    for (const value of ['x', 5_551_212_000, ['x'], { raw: 'x' }]) {
      expect(redact({ a: [{ b: { [name]: value } }] })).toEqual({ a: [{ b: { [name]: REDACTED } }] });
    }
  });

  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'set-cookie',
    'token',
    'base64',
    'ip',
    'remoteAddress',
    'remotePort',
  ])('redacts %s', (name) => {
    expect(redact({ [name]: 'x' })).toEqual({ [name]: REDACTED });
  });

  it('redacts all headers of a request', () => {
    expect(redact({ req: { method: 'GET', headers: { 'x-anything': 'x' } } })).toEqual({
      req: { method: 'GET', headers: REDACTED },
    });
  });

  it('says that there was no caller, for that tells nothing of anyone', () => {
    expect(redact({ callerId: null })).toEqual({ callerId: null });
  });

  it('keeps mailboxes, ids, keys, offsets and times in fields of their own', () => {
    const fields = {
      mailbox: '5551212000',
      mailboxes: ['5551212000', '98765432109'],
      toMailbox: '5551212000',
      messageId: '5551212000',
      tenant_id: '1234567',
      key: 't100/5551212000',
      offset: '1234567890',
      offsets: { lowOffset: '1234567890' },
      time: '2026-11-23T20:42:16.123Z',
      depositedAt: 1_763_930_000_000,
      revision: 1_763_930_000_000,
      size: 48_044_444,
    };
    expect(redact(fields)).toEqual(fields);
  });

  it('masks numbers in every other text, also in names of fields and in lists', () => {
    const line = redactLine(
      JSON.stringify({
        msg: 'of 5551212000',
        what: '5551212000',
        list: ['5551212000'],
        '+15551212000': 1,
        '10.0.0.1': 1,
      }),
    );
    expect(line).not.toContain('5551212');
    expect(line.endsWith('\n')).toBe(true);
  });

  it('withholds a line that it cannot read', () => {
    const line = redactLine('{"msg":"call from +15551212000"');
    expect(line).not.toContain('555');
    expect(JSON.parse(line)).toMatchObject({ level: 'error', msg: 'A log line that is no JSON was withheld.' });
  });

  it('stops at a depth where nobody logs', () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 1_000; depth += 1) deep = { deep };
    expect(redactLine(JSON.stringify(deep))).not.toContain('bottom');
  });
});
