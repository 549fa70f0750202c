import type { KnownByKey } from '@voicemail/domain';
import { newWorkReport, type WorkReport } from '../work-report.ts';

/** How far a reindex is, and what it did. */
export interface ReindexReport extends WorkReport {
  phase: 'counting' | 'index' | 'messages' | 'dead letters' | 'done';
  /** Index entries that were written under the current key. */
  entries: number;
  /** Objects whose caller's tag is under the current key now. */
  tags: number;
  deadLetters: number;
  /** Index entries under an old key that were erased, for they have their twin or named nothing, and what stopped deletions had left. */
  erased: number;
  /** Index entries under an old key that name the recording of a deposit which is not complete. It will be, or is swept after seven days. */
  waiting: number;
  /** Every message is found under the current key alone, and the tenant says so. */
  isComplete: boolean;
  /** At the end: the keys behind the current one, and whether the tenant needs them. */
  oldKeys: readonly OldKey[];
}

/** A key of the file that is not the current one, and what the ledger knows callers by with it and no key before it. */
export interface OldKey extends KnownByKey {
  /** Which key of the file it is: 2 is the first behind the current one. */
  readonly key: number;
  readonly keyId: string;
  readonly mayLeave: boolean;
}

export const newReindexReport = (): ReindexReport => ({
  ...newWorkReport<ReindexReport['phase']>('counting'),
  entries: 0,
  tags: 0,
  deadLetters: 0,
  erased: 0,
  waiting: 0,
  isComplete: false,
  oldKeys: [],
});
