import type { Clock, Shutdown, StopStep } from '@voicemail/runtime';

/** Things to stop when a command is done, the last added first. */
export interface StopList extends Pick<Shutdown, 'add'> {
  /** Stops everything, whatever fails. @throws the failure, or an AggregateError of several. */
  stopAll(graceMs: number): Promise<void>;
}

export function stopList(clock: Clock): StopList {
  const steps: { readonly stop: StopStep; readonly limitMs: number }[] = [];
  return {
    add: (_name, stop, options) => {
      steps.push({ stop, limitMs: options?.limitMs ?? Number.POSITIVE_INFINITY });
    },
    stopAll: async (graceMs) => {
      const untilMs = clock.monotonicMs() + graceMs;
      const failures: unknown[] = [];
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        try {
          await step.stop(Math.max(0, Math.min(step.limitMs, untilMs - clock.monotonicMs())));
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length === 1) throw failures[0];
      if (failures.length > 1) throw new AggregateError(failures, 'The services could not be stopped in order.');
    },
  };
}
