import { InvalidConfig, systemClock, systemIds, version, type Environment } from '@voicemail/runtime';
import { Command, CommanderError } from 'commander';
import type { Run } from './command-context.ts';
import { addDeadLetters } from './commands/dead-letters.ts';
import { addDeposit } from './commands/deposit.ts';
import { addDoctor } from './commands/doctor.ts';
import { addForget } from './commands/forget.ts';
import { addMailboxes } from './commands/mailboxes.ts';
import { addMessages } from './commands/messages.ts';
import { addMwi } from './commands/mwi.ts';
import { addStart } from './commands/start.ts';
import { addStorage } from './commands/storage.ts';
import { readVoicemailConfig, type Config } from './config.ts';
import { terminalOf } from './output/terminal.ts';
import { reportFailure } from './report-failure.ts';

export interface MainOptions {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** When the first line of the project's code ran, on the monotonic scale of the system's clock. */
  readonly startedMs: number;
}

const USAGE_EXIT_CODE = 2;

/** Runs one command. @returns the exit code: 0 done, 1 failed, 2 called or configured wrongly. */
export async function main(argv: readonly string[], env: Environment, options: MainOptions): Promise<number> {
  const { stdout, stderr, startedMs } = options;
  const terminal = terminalOf(stdout, stderr, env);
  // `voicemail messages 9876 | head` is no failure: the reader has what it wanted.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  let exitCode = 0;
  const program = new Command('voicemail')
    .description('The voicemail system: deposits in, recordings kept in their region, the lamp follows at once.')
    .version(version())
    .option('--json', 'print JSON, lists as the API answers them')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => terminal.print(text), writeErr: (text) => terminal.error(text) })
    .showHelpAfterError('(voicemail --help tells the commands, voicemail COMMAND --help their options)')
    .exitOverride();
  const run: Run = async (command, work, whenFaulty) => {
    const json = program.opts()['json'] === true;
    const config = readOrFault(env);
    if (config instanceof InvalidConfig) {
      if (whenFaulty === undefined) throw config;
      exitCode = whenFaulty(config, { terminal, json });
      return;
    }
    const clock = systemClock(config.clockOffsetMs);
    exitCode = (await work({ config, clock, ids: systemIds(), terminal, command, json, startedMs })) ?? 0;
  };
  addStart(program, run);
  addDeposit(program, run);
  addMailboxes(program, run);
  addMessages(program, run);
  addMwi(program, run);
  addForget(program, run);
  addDeadLetters(program, run);
  addStorage(program, run);
  addDoctor(program, run);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said by itself what is wrong.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_EXIT_CODE;
    return reportFailure(error, terminal, env);
  }
}

function readOrFault(env: Environment): Config | InvalidConfig {
  try {
    return readVoicemailConfig(env);
  } catch (error) {
    if (error instanceof InvalidConfig) return error;
    throw error;
  }
}
