import { StoreError } from '@voicemail/object-store';
import type { NotErased } from './erase.ts';
import { ForAPerson } from './for-a-person.ts';
import { Refusal } from './refusal.ts';

/** Failures that are listed; the others are counted. */
const MAX_LISTED_FAILURES = 100;
/** A pass with more has another trouble than these messages: it ends. */
const MAX_FAILURES = 1_000;

/** What could not be done, and why. No personal data. */
export interface WorkFailure {
  readonly mailbox?: string;
  readonly messageId?: string;
  readonly deadLetter?: string;
  readonly why: string;
}

/** How far long work over a tenant is. It is filled in while the work runs. */
export interface WorkReport {
  phase: string;
  /** Times that everything was looked at, this one too: until a pass finds nothing to do. */
  pass: number;
  /** Of this phase. `total` is null where it is not known. */
  done: number;
  total: number | null;
  /** Versions, snapshots and the like that a store keeps all the same of what was removed. */
  notErased: number;
  /** Of the last pass. */
  failed: number;
  failures: WorkFailure[];
}

export function newWorkReport<P extends string>(phase: P): WorkReport & { phase: P } {
  return { phase, pass: 0, done: 0, total: null, notErased: 0, failed: 0, failures: [] };
}

export function beginPhase<P extends string>(report: WorkReport & { phase: P }, phase: P, total: number | null): void {
  report.phase = phase;
  report.done = 0;
  report.total = total;
}

/** Notes what a store keeps of what was removed. */
export function countKept(report: WorkReport, notErased: readonly NotErased[]): void {
  for (const { count } of notErased) report.notErased += count;
}

/** Runs one piece, and notes where it failed for a reason of its own: the others go on. Returns null there. */
export async function orNote<T>(
  report: WorkReport,
  what: Omit<WorkFailure, 'why'>,
  run: () => Promise<T>,
): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (![ForAPerson, StoreError, Refusal].some((known) => error instanceof known)) throw error;
    report.failed += 1;
    // A store's own words may repeat a key, and with it a hash.
    const why = error instanceof StoreError ? `${error.operation}: ${error.kind}` : (error as Error).message;
    if (report.failures.length < MAX_LISTED_FAILURES) report.failures.push({ ...what, why });
    if (report.failed >= MAX_FAILURES) throw error;
    return null;
  }
}
