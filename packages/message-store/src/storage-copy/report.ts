import { StoreError } from '@voicemail/object-store';
import type { NotErased } from '../erase.ts';
import { Refusal } from '../refusal.ts';
import { RecordingStays } from './copy-recording.ts';

/** Failures that are listed; the others are counted. */
const MAX_LISTED_FAILURES = 100;
/** A pass with more has another trouble than these messages: it ends. */
const MAX_FAILURES = 1_000;

/** What could not be brought over, and why. No personal data. */
export interface CopyFailure {
  readonly mailbox?: string;
  readonly messageId?: string;
  readonly deadLetter?: string;
  readonly why: string;
}

/** What still lies in the source region. All zero and false: nothing of the tenant does, and it may leave the tenants' file. */
export interface LeftInSource {
  /** Messages whose recording is there. */
  readonly recordings: number;
  /** Recordings without a message: of deposits under way, or what the sweep takes after seven days. */
  readonly unfinished: number;
  /** Staged recordings: their deposits name this region. */
  readonly staged: number;
  readonly deadLetters: number;
  /** Its documents, for it is the master region. */
  readonly isMaster: boolean;
}

/** How far a copy is, and what it did. It is filled in while the copy runs. */
export interface CopyReport {
  phase: 'counting' | 'recordings' | 'index' | 'dead letters' | 'documents' | 'done';
  /** Times that every message was looked at, this one too: until a pass finds nothing to do. */
  pass: number;
  /** Of this phase. `total` is null where it is not known. */
  done: number;
  total: number | null;
  moved: number;
  movedBytes: number;
  /** Recordings erased that their message had not there: of stopped attempts. */
  leftovers: number;
  /** Index entries that name another place now. */
  entries: number;
  deadLetters: number;
  /** Documents that were compared byte for byte, and of them those that were written. */
  compared: number;
  documents: number;
  /** Versions, snapshots and the like that a store keeps all the same of what was removed. */
  notErased: number;
  /** Of the last pass. */
  failed: number;
  failures: CopyFailure[];
  /** null until it was looked at. */
  left: LeftInSource | null;
  /** The target took over as the master region: the tenants' file must say so. */
  isHandedOver: boolean;
}

export const newCopyReport = (): CopyReport => ({
  phase: 'counting',
  pass: 0,
  done: 0,
  total: null,
  moved: 0,
  movedBytes: 0,
  leftovers: 0,
  entries: 0,
  deadLetters: 0,
  compared: 0,
  documents: 0,
  notErased: 0,
  failed: 0,
  failures: [],
  left: null,
  isHandedOver: false,
});

export function beginPhase(report: CopyReport, phase: CopyReport['phase'], total: number | null): void {
  report.phase = phase;
  report.done = 0;
  report.total = total;
}

/** Notes what a store keeps of what was removed. */
export function countKept(report: CopyReport, notErased: readonly NotErased[]): void {
  for (const { count } of notErased) report.notErased += count;
}

/** Runs one piece, and notes where it failed for a reason of its own: the others go on. Returns null there. */
export async function orNote<T>(
  report: CopyReport,
  what: Omit<CopyFailure, 'why'>,
  run: () => Promise<T>,
): Promise<T | null> {
  try {
    return await run();
  } catch (error) {
    if (![RecordingStays, StoreError, Refusal].some((known) => error instanceof known)) throw error;
    report.failed += 1;
    // A store's own words may repeat a key, and with it a hash.
    const why = error instanceof StoreError ? `${error.operation}: ${error.kind}` : (error as Error).message;
    if (report.failures.length < MAX_LISTED_FAILURES) report.failures.push({ ...what, why });
    if (report.failed >= MAX_FAILURES) throw error;
    return null;
  }
}
