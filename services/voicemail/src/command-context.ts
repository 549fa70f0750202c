import type { Clock, Ids, InvalidConfig } from '@voicemail/runtime';
import type { Config } from './config.ts';
import type { Terminal } from './output/terminal.ts';

/** What every command gets. */
export interface CommandContext {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly terminal: Terminal;
  /** The command as it was named, without its arguments. */
  readonly command: string;
  /** `--json`. */
  readonly json: boolean;
  /** When the first line of the project's code ran, on the clock's monotonic scale. */
  readonly startedMs: number;
}

/** The exit code, 0 unless told. */
export type CommandWork = (context: CommandContext) => Promise<number | void>;

/**
 * Hands a command's work over to be run.
 * @param whenFaulty for a command that has a word to say on a faulty configuration; others end with it.
 */
export type Run = (
  command: string,
  work: CommandWork,
  whenFaulty?: (fault: InvalidConfig, context: Pick<CommandContext, 'terminal' | 'json'>) => number,
) => Promise<void>;
