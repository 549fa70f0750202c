import type { Terminal } from './terminal.ts';

/** How far long work is. On a terminal one line that changes; elsewhere a plain line each time it says something else. */
export interface Progress {
  say(text: string): void;
  /** Takes the line away. */
  done(): void;
}

const CLEAR_LINE = '\r\u001B[2K';

export function progress(terminal: Pick<Terminal, 'error' | 'isErrorTerminal'>): Progress {
  let last = '';
  return {
    say: (text) => {
      if (text === last) return;
      last = text;
      terminal.error(terminal.isErrorTerminal ? `${CLEAR_LINE}${text}` : `${text}\n`);
    },
    done: () => {
      if (terminal.isErrorTerminal && last !== '') terminal.error(CLEAR_LINE);
      last = '';
    },
  };
}
