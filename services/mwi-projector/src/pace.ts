import type { Clock } from '@voicemail/runtime';
import { pause } from './every.ts';
import type { ProjectorLimits } from './limits.ts';

/** Bounds how much is read in a slice of time. */
export interface Pace {
  /** A message was read; waits for the next slice where this one is used up. @throws the signal's reason when it says stop. */
  message(): Promise<void>;
  mailbox(): Promise<void>;
  /** Waits for the next slice. */
  rest(): Promise<void>;
}

/** @param onSlice runs at the beginning of each slice. */
export function slicePace(
  clock: Clock,
  limits: Pick<ProjectorLimits, 'sliceIntervalMs' | 'maxSliceMailboxes' | 'maxSliceMessages'>,
  signal: AbortSignal,
  onSlice: () => Promise<void>,
): Pace {
  let mailboxes = 0;
  let messages = 0;
  const rest = async (): Promise<void> => {
    await pause(clock, limits.sliceIntervalMs, signal);
    signal.throwIfAborted();
    mailboxes = 0;
    messages = 0;
    await onSlice();
  };
  return {
    rest,
    message: async () => {
      if (++messages >= limits.maxSliceMessages) await rest();
    },
    mailbox: async () => {
      if (++mailboxes >= limits.maxSliceMailboxes) await rest();
    },
  };
}
