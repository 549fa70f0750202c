import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createLogger } from './logger.ts';
import { manualClock } from './manual-clock.ts';

const capture = (level: 'info' | 'trace' = 'info') => {
  const lines: string[] = [];
  const logger = createLogger({
    level,
    name: 'api',
    destination: { write: (line) => void lines.push(line) },
    clock: manualClock(Date.UTC(2026, 0, 5, 10)),
  });
  return { logger, text: () => lines.join(''), last: () => JSON.parse(lines.at(-1) ?? '') as Record<string, unknown> };
};
/** What JSON.parse and others throw, as a handler would catch it. */
const thrownBy = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('the logger', () => {
  it('writes a JSON line with level, time of the clock, name and words, and no host', () => {
    const { logger, last } = capture();
    logger.info({ mailbox: '9876', offset: 12 }, 'Stored');
    expect(last()).toEqual({
      level: 'info',
      time: '2026-01-05T10:00:00.000Z',
      name: 'api',
      mailbox: '9876',
      offset: 12,
      msg: 'Stored',
    });
  });

  it('leaves out what is below its level', () => {
    const { logger, text } = capture();
    logger.debug('hidden');
    expect(text()).toBe('');
  });

  it('shows no caller and no address, whichever way they come in', () => {
    const { logger, text } = capture('trace');
    const caller = '+15551212000';
    const child = logger.child({ callerId: caller, note: `for ${caller}` });
    child.info(
      { event: { data: { callerId: caller, media: { base64: caller } } } },
      'from %s at %s',
      caller,
      '192.0.2.7',
    );
    child.warn({ headers: { ce_callerid: caller }, uri: `sip:${caller}@h` }, `tel:${caller}`);
    logger.error(new Error(`no such caller ${caller}`, { cause: new Error('(555) 121-2000 from 2001:db8::7') }));
    logger.error({ err: new AggregateError([new Error(caller)], `all failed for 15551212000`) });
    logger.fatal({ err: `plain ${caller}`, deep: [[[caller]]] });
    logger.trace({
      req: { method: 'GET', url: `/v1/x?phone=${caller}`, headers: { a: caller }, remoteAddress: '::1' },
    });
    expect(text().split('\n')).toHaveLength(7);
    expect(text()).not.toMatch(/5551212|555\)|192\.0\.2|db8|::1/);
  });

  it('tells a failed check by paths and codes, never by the values or names that were given', () => {
    const { logger, text, last } = capture();
    const schema = z.strictObject({ mailbox: z.string(), kind: z.enum(['personal', 'group']) });
    const { error } = schema.safeParse({ mailbox: 17, kind: 'secret-value', 'secret-name': 1 }, { reportInput: true });
    logger.warn({ err: error });
    logger.warn(error);
    expect(text()).not.toContain('secret');
    expect(last()).toMatchObject({
      msg: 'The input does not fit its schema.',
      err: { faults: [{ path: 'mailbox', code: 'invalid_type' }, { path: 'kind' }, { code: 'unrecognized_keys' }] },
    });
  });

  it('takes the quotation out of a parser’s message', () => {
    const { logger, text } = capture();
    logger.warn({ err: thrownBy(() => JSON.parse('{"name": secret-value}')) });
    logger.warn(
      thrownBy(() => JSON.parse('secret')),
      'Not read',
    );
    expect(text()).toContain('is not valid JSON');
    expect(text()).not.toContain('secret');
  });

  it('prints code, kind and stack of an error and not what else was hung on it', () => {
    const { logger, last, text } = capture();
    logger.error({ err: Object.assign(new Error('full'), { code: 'ENOSPC', retryable: true, input: 'secret' }) });
    expect(last()['err']).toMatchObject({ type: 'Error', message: 'full', code: 'ENOSPC', retryable: true });
    expect(text()).toContain('logger.test.ts');
    expect(text()).not.toContain('secret');
  });

  it('survives what is thrown and is no error, and causes in a circle', () => {
    const { logger, last } = capture();
    logger.error({ err: undefined }, 'nothing');
    logger.error({ err: { callerId: 'x' } }, 'an object');
    const circle = new Error('round');
    circle.cause = circle;
    logger.error(circle);
    expect(last()['msg']).toBe('round');
  });

  it('writes JSON to standard output where that is no terminal, the last line before an exit too', () => {
    const index = JSON.stringify(new URL('./index.ts', import.meta.url).href);
    const code = `import { createLogger } from ${index};
      createLogger({ level: 'info', name: 'x' }).info('last words'); process.exit(0);`;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ level: 'info', name: 'x', msg: 'last words' });
  });
});
