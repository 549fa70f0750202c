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
  /** Everything is under the current key, and the tenant says so: the old keys are needed no more. */
  isComplete: boolean;
}

export const newReindexReport = (): ReindexReport => ({
  ...newWorkReport<ReindexReport['phase']>('counting'),
  entries: 0,
  tags: 0,
  deadLetters: 0,
  erased: 0,
  waiting: 0,
  isComplete: false,
});
