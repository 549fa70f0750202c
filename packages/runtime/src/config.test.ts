import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boolean, clockOffset, duration, integer, logLevel, path, port, url } from './config-values.ts';
import { InvalidConfig, readConfig, type Environment } from './config.ts';

const schema = z.object({
  HOST: z.string().prefault('127.0.0.1'),
  PORT: port().prefault('8081'),
  LOG_LEVEL: logLevel().prefault('info'),
  RETENTION: duration().prefault('P35D'),
  CLOCK_OFFSET: clockOffset().prefault('PT0S'),
  REDIS_CLUSTER: boolean().prefault('false'),
  GWS_URL: url().optional(),
});

const faultsOf = (shape: z.ZodRawShape, env: Environment) => {
  try {
    readConfig(z.object(shape), env);
  } catch (error) {
    if (error instanceof InvalidConfig) return error.faults;
    throw error;
  }
  return [];
};
const read = (field: z.ZodType, text: string): unknown => readConfig(z.object({ V: field }), { V: text })['V'];
const problem = (field: z.ZodType, text: string) => faultsOf({ V: field }, { V: text })[0]?.problem;

describe('the configuration', () => {
  it('has every default when nothing is set, and cannot be changed', () => {
    const config = readConfig(schema, {});
    expect(config).toEqual({
      HOST: '127.0.0.1',
      PORT: 8_081,
      LOG_LEVEL: 'info',
      RETENTION: 35 * 86_400_000,
      CLOCK_OFFSET: 0,
      REDIS_CLUSTER: false,
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('takes a variable that is set to nothing as not set, and ignores what is not its own', () => {
    const config = readConfig(schema, { PORT: ' ', GWS_URL: '', HOME: '/root' });
    expect(config.PORT).toBe(8_081);
    expect(config).not.toHaveProperty('HOME');
  });

  it('lists all faults at once, each with the variable, what is wrong and an example', () => {
    const shape = { ...schema.shape, TENANTS_FILE: path() };
    expect(faultsOf(shape, { PORT: '80810', RETENTION: 'a week', LOG_LEVEL: 'loud', REDIS_CLUSTER: 'maybe' })).toEqual([
      { variable: 'PORT', problem: 'must be between 0 and 65535', example: '8081' },
      {
        variable: 'LOG_LEVEL',
        problem: 'must be one of trace, debug, info, warn, error, fatal, silent',
        example: 'info',
      },
      { variable: 'RETENTION', problem: 'must be an ISO 8601 duration', example: 'PT30S' },
      { variable: 'REDIS_CLUSTER', problem: 'must be true or false', example: 'true' },
      { variable: 'TENANTS_FILE', problem: 'is missing', example: '/var/lib/voicemail' },
    ]);
  });

  it('says all of it in the message, without the values: they may be secrets', () => {
    const env = { PORT: 'hunter2', GWS_URL: 'ftp://hunter2' };
    expect(() => readConfig(schema, env)).toThrow(/2 faults:\n {2}PORT must be .*PORT=8081\)\n {2}GWS_URL must be/);
    expect(() => readConfig(schema, env)).not.toThrow('hunter2');
  });
});

describe('what several variables show together', () => {
  const together = (env: Environment) => {
    try {
      return readConfig(schema, env, (given) =>
        'HOST' in given && !('PORT' in given) ? [{ variable: 'PORT', problem: 'is missing beside HOST' }] : [],
      );
    } catch (error) {
      if (error instanceof InvalidConfig) return error.faults;
      throw error;
    }
  };

  it('is told beside the faults of single ones, with an example', () => {
    expect(together({ HOST: 'h', LOG_LEVEL: 'loud' })).toMatchObject([
      { variable: 'LOG_LEVEL' },
      { variable: 'PORT', problem: 'is missing beside HOST', example: '8081' },
    ]);
    expect(together({ HOST: 'h' })).toHaveLength(1);
  });

  it('has no example where the variable has a value that is right by itself', () => {
    const across = () => [{ variable: 'HOST', problem: 'does not go with PORT' }];
    expect(() => readConfig(schema, { HOST: 'h' }, across)).toThrow(/HOST does not go with PORT$/);
  });

  it('is no fault where nothing is found, and no second one of a variable that has one', () => {
    expect(together({ HOST: 'h', PORT: '1' })).toMatchObject({ HOST: 'h', PORT: 1 });
    expect(together({ HOST: 'h', PORT: 'x' })).toMatchObject([{ variable: 'PORT', problem: 'must be a whole number' }]);
  });
});

describe('values of the environment', () => {
  it.each([
    ['PT0S', 0],
    ['PT1.5S', 1_500],
    ['PT25H', 90_000_000],
    ['P7D', 604_800_000],
    ['P1W', 604_800_000],
    ['P1DT12H', 129_600_000],
  ])('reads the duration %s as %i ms', (text, ms) => {
    expect(read(duration(), text)).toBe(ms);
  });

  it('refuses durations that have no fixed length, are negative, or less than the least', () => {
    expect(problem(duration(), 'P1M')).toContain('months');
    expect(problem(duration(), 'P1Y')).toContain('years');
    expect(problem(duration(), '-PT1S')).toBe('must not be less than PT0S');
    expect(problem(duration({ leastMs: 1_000 }), 'PT0.5S')).toBe('must not be less than PT1S');
    expect(problem(duration({ leastMs: 86_400_000 }), 'PT1H')).toBe('must not be less than P1D');
    expect(problem(duration(), '30s')).toBe('must be an ISO 8601 duration');
  });

  it('reads a clock offset of either sign', () => {
    expect(read(clockOffset(), 'PT25H')).toBe(90_000_000);
    expect(read(clockOffset(), '-PT1H')).toBe(-3_600_000);
    expect(problem(clockOffset(), '-P36526D')).toBe('must not be less than -P36525D');
    expect(problem(clockOffset(), 'P1M')).toContain('months');
  });

  it('reads log levels in any case, as sites write them', () => {
    expect(read(logLevel(), 'DEBUG')).toBe('debug');
    expect(read(logLevel(), 'Warn')).toBe('warn');
  });

  it.each([
    ['true', true],
    ['1', true],
    ['Yes', true],
    ['off', false],
    ['FALSE', false],
    ['0', false],
  ])('reads %s as %s', (text, value) => {
    expect(read(boolean(), text)).toBe(value);
  });

  it.each(['-1', '65536', '80a', '8.1', '0x50', '1e3', '99999999999999999999'])('refuses the port %s', (text) => {
    expect(problem(port(), text)).toMatch(/^must be /);
  });

  it('reads whole numbers within their bounds', () => {
    expect(read(integer({ min: -5, max: 5 }), '-5')).toBe(-5);
    expect(problem(integer({ min: 1, max: 5 }), '6')).toBe('must be between 1 and 5');
  });

  it('makes paths absolute and takes the last slash off URLs', () => {
    expect(read(path(), 'data/x')).toBe(`${process.cwd()}/data/x`);
    expect(read(url(), 'https://gws.example.com/')).toBe('https://gws.example.com');
    expect(read(url({ protocols: ['redis:', 'rediss:'] }), 'rediss://r:6379/0')).toBe('rediss://r:6379/0');
    expect(problem(url(), 'gws.example.com')).toContain('http:// or https://');
    expect(problem(path(), 'a\0b')).toBe('must be a path');
  });
});
