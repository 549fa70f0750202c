import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Where a command writes, and what may be written there. */
export interface Terminal {
  /** What was asked for, as it is. */
  print(text: string): void;
  /** What goes beside it: progress, warnings, errors. */
  error(text: string): void;
  /** Whether what is printed is read by a person now. */
  readonly isTerminal: boolean;
  /** The same of what goes beside it. */
  readonly isErrorTerminal: boolean;
  /** Text in a format where the terminal shows one and nobody asked for none (NO_COLOR). */
  style(format: Format, text: string): string;
}

interface Stream {
  write(text: string): unknown;
  /** Not there for files and pipes. */
  readonly isTTY?: boolean | undefined;
}

/** @param env for `NO_COLOR` (https://no-color.org): set to anything but nothing, there are no colours. */
export function terminalOf(
  stdout: Stream,
  stderr: Stream,
  env: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isTerminal = stdout.isTTY === true;
  const hasColors = isTerminal && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    print: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    isTerminal,
    isErrorTerminal: stderr.isTTY === true,
    style: (format, text) => (hasColors ? styleText(format, text, { validateStream: false }) : text),
  };
}
