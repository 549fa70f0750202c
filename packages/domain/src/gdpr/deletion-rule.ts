import type { Metadata } from '../message.ts';

const DAY_MS = 86_400_000;

/** A run of the rule. Both in ms. */
export interface RuleTime {
  /** Since the epoch. */
  readonly nowMs: number;
  /** After its mark nothing puts a deletion off any longer (`FORGET_HARD_DEADLINE`). */
  readonly hardDeadlineMs: number;
}

/**
 * Whether a run deletes a marked message: nothing has changed it for a day, or its mark is older than the hard deadline (CONTRACT section 5).
 * Whether the mark's request is in force is not asked here.
 */
export function isDue(
  { modifiedAt, forgetMarkedAt }: Pick<Metadata, 'modifiedAt' | 'forgetMarkedAt'>,
  { nowMs, hardDeadlineMs }: RuleTime,
): boolean {
  if (forgetMarkedAt === undefined) return false;
  return nowMs - Date.parse(modifiedAt) >= DAY_MS || nowMs - Date.parse(forgetMarkedAt) >= hardDeadlineMs;
}
