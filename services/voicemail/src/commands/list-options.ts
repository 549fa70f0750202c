import type { Command } from 'commander';

export interface ListOptions {
  readonly limit?: string;
  readonly cursor?: string;
}

/** The options of every list. */
export function withListOptions(command: Command): Command {
  return command
    .option('--limit <n>', 'items at most, 1 to 1000 (100 unless told)')
    .option('--cursor <cursor>', 'where the page before ended');
}

/** The query of a list; `?` and all, or nothing. */
export function listQuery(options: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
