import { systemClock, type Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** Everything is stopped within this, or the process ends with 1: under the 10 s that a stop may take (CONTRACT section 10). */
export const SHUTDOWN_GRACE_MS = 9_000;

/** @param graceMs what is left for this step; a subscription's `stop` takes it as it is. */
export type StopStep = (graceMs: number) => Promise<void>;

export interface Shutdown {
  /** Steps run in reverse order of their adding: what was opened last is closed first. */
  add(name: string, stop: StopStep, options?: { readonly limitMs?: number }): void;
  /** Stops the process as a signal would. Resolves with the exit code, right before the process ends; again: the same stop. */
  stop(why: string): Promise<number>;
}

export interface ShutdownOptions {
  readonly logger: Pick<Logger, 'info' | 'error' | 'fatal'>;
  readonly clock?: Clock;
  readonly graceMs?: number;
  /** How the process ends; `process.exit` unless told. */
  readonly exit?: (code: number) => void;
  /** Who gives the signals; `process` unless told. */
  readonly signals?: Pick<NodeJS.EventEmitter, 'on'>;
}

/**
 * Stops the process in order. SIGTERM or SIGINT begins it, further ones change nothing; it ends with 0, or with 1 when a step
 * failed or hung (the log says which). An uncaught exception or unhandled rejection is logged and ends the process with 1 at once:
 * nobody knows what still works, and whatever was acknowledged is durable.
 */
export function onShutdown({
  logger,
  clock = systemClock(),
  graceMs = SHUTDOWN_GRACE_MS,
  exit = (code) => process.exit(code),
  signals = process,
}: ShutdownOptions): Shutdown {
  const steps: { readonly name: string; readonly stop: StopStep; readonly limitMs: number }[] = [];
  let stopping: Promise<number> | undefined;

  const runStep = async (step: (typeof steps)[number], leftMs: number): Promise<boolean> => {
    const limitMs = Math.max(0, Math.min(step.limitMs, leftMs));
    const over = new AbortController();
    const hung = clock.sleep(limitMs, over.signal).then(
      () => 'hung' as const,
      // Only the abort below ends the sleep early, after the race is decided.
      () => 'over' as const,
    );
    const done = Promise.resolve()
      .then(() => step.stop(limitMs))
      .then(
        () => 'done' as const,
        (err: unknown) => {
          logger.error({ step: step.name, err }, 'A step of the stop failed');
          return 'failed' as const;
        },
      );
    const outcome = await Promise.race([done, hung]);
    over.abort();
    if (outcome === 'hung') logger.error({ step: step.name, limitMs }, 'A step of the stop hangs and is left behind');
    return outcome === 'done';
  };
  const stopAll = async (why: string): Promise<number> => {
    const untilMs = clock.monotonicMs() + graceMs;
    logger.info({ why }, 'Stopping');
    let clean = true;
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      clean = (await runStep(step, untilMs - clock.monotonicMs())) && clean;
    }
    logger.info({ clean }, 'Stopped');
    const code = clean ? 0 : 1;
    exit(code);
    return code;
  };
  const stop = (why: string): Promise<number> => (stopping ??= stopAll(why));
  const crash = (err: unknown, what: string): void => {
    logger.fatal({ err }, what);
    exit(1);
  };

  for (const signal of ['SIGTERM', 'SIGINT']) signals.on(signal, () => void stop(signal));
  signals.on('uncaughtException', (err) => crash(err, 'An exception was not caught'));
  signals.on('unhandledRejection', (err) => crash(err, 'A rejection was not handled'));
  return {
    add: (name, stopStep, options) => steps.push({ name, stop: stopStep, limitMs: options?.limitMs ?? graceMs }),
    stop,
  };
}
