import { InvalidConfig, type Environment } from '@voicemail/runtime';
import { CliError } from './cli-error.ts';
import { DataFolderInUse } from './embedded/owner.ts';
import { SetupFault } from './setup-fault.ts';
import type { Terminal } from './output/terminal.ts';

const FAILED = 1;
const WRONGLY_SET_UP = 2;

/** Errors of the configuration that come from packages which a command loads only when it needs them, by their names. */
const CONFIGURATION_ERRORS: ReadonlySet<string> = new Set([
  'InvalidCallerHashKey',
  'CallerHashKeyMismatch',
  'WrongMasterRegion',
]);

/** Says on standard error what went wrong and what to do. @returns the exit code. */
export function reportFailure(error: unknown, terminal: Pick<Terminal, 'error'>, env: Environment): number {
  const { exitCode, text } = describeFailure(error);
  terminal.error(`voicemail: ${text}\n`);
  if (env['LOG_LEVEL'] === 'debug' && error instanceof Error) terminal.error(`${error.stack ?? ''}\n`);
  return exitCode;
}

/** A failure in words for a person, and the exit code that goes with it. */
export function describeFailure(error: unknown): { readonly exitCode: number; readonly text: string } {
  if (!(error instanceof Error)) return { exitCode: FAILED, text: 'Something failed that is no error.' };
  const { message } = error;
  if (error instanceof CliError) return { exitCode: error.exitCode, text: message };
  if (error instanceof InvalidConfig || error instanceof SetupFault) return { exitCode: WRONGLY_SET_UP, text: message };
  if (error instanceof DataFolderInUse) return { exitCode: FAILED, text: message };
  if (CONFIGURATION_ERRORS.has(error.name)) return { exitCode: WRONGLY_SET_UP, text: `${message}.` };
  const faults = faultsOf(error);
  if (faults !== null) {
    const lines = faults.map(({ path, message: what }) => `  ${path} ${what}`.trimEnd());
    return { exitCode: WRONGLY_SET_UP, text: `The tenants’ file has ${count(faults.length)}:\n${lines.join('\n')}` };
  }
  return { exitCode: FAILED, text: `${message} (LOG_LEVEL=debug shows where)` };
}

interface TenantsFault {
  readonly path: string;
  readonly message: string;
}

function faultsOf(error: Error): readonly TenantsFault[] | null {
  return error.name === 'InvalidTenants' && 'faults' in error ? (error.faults as readonly TenantsFault[]) : null;
}

const count = (faults: number): string => (faults === 1 ? 'a fault' : `${faults} faults`);
