import type { CommandContext } from '../command-context.ts';
import { table, type Column } from './table.ts';

/** A page of a list, as the API answers it. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** One document: as JSON where that was asked for. */
export function printJson({ terminal }: Pick<CommandContext, 'terminal'>, value: unknown): void {
  terminal.print(`${JSON.stringify(value, null, 2)}\n`);
}

/** A page of a list: as the API answered it with `--json`, else as a table that says how to go on. */
export function printPage<T>(
  context: Pick<CommandContext, 'terminal' | 'json'>,
  page: Page<T>,
  columns: readonly Column<T>[],
  none: string,
): void {
  if (context.json) return printJson(context, page);
  const { terminal } = context;
  if (page.items.length === 0) terminal.print(`${none}\n`);
  else terminal.print(table(columns, page.items));
  if (page.next !== undefined) terminal.error(`There are more: go on with --cursor ${page.next}\n`);
}
