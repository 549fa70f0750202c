import { describe, expect, it } from 'vitest';
import { progress } from './progress.ts';
import { terminalOf } from './terminal.ts';

interface TestStream {
  readonly isTTY: boolean;
  write(text: string): void;
  text(): string;
}

function stream(isTTY: boolean): TestStream {
  const written: string[] = [];
  return { isTTY, write: (text) => void written.push(text), text: () => written.join('') };
}

describe('a terminal', () => {
  it('has colours', () => {
    expect(terminalOf(stream(true), stream(true), {}).style('green', 'on')).toBe('\u001B[32mon\u001B[39m');
  });

  it.each([
    ['output goes to a file', false, {}],
    ['NO_COLOR is set', true, { NO_COLOR: '1' }],
    ['it is dumb', true, { TERM: 'dumb' }],
  ])('has no colours where %s', (_why, isTTY, env) => {
    expect(terminalOf(stream(isTTY), stream(isTTY), env).style('green', 'on')).toBe('on');
  });
});

describe('progress', () => {
  it('is one line that changes on a terminal, and goes', () => {
    const err = stream(true);
    const shown = progress(terminalOf(stream(true), err, {}));
    shown.say('1 of 2');
    shown.say('2 of 2');
    shown.done();
    expect(err.text()).toBe('\r\u001B[2K1 of 2\r\u001B[2K2 of 2\r\u001B[2K');
  });

  it('is plain lines elsewhere, each once', () => {
    const err = stream(false);
    const shown = progress(terminalOf(stream(false), err, {}));
    shown.say('1 of 2');
    shown.say('1 of 2');
    shown.say('2 of 2');
    shown.done();
    expect(err.text()).toBe('1 of 2\n2 of 2\n');
  });
});
