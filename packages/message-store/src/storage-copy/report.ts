import { newWorkReport, type WorkReport } from '../work-report.ts';

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

/** How far a copy is, and what it did. */
export interface CopyReport extends WorkReport {
  phase: 'counting' | 'recordings' | 'index' | 'dead letters' | 'documents' | 'done';
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
  /** null until it was looked at. */
  left: LeftInSource | null;
  /** The target took over as the master region: the tenants' file must say so. */
  isHandedOver: boolean;
}

export const newCopyReport = (): CopyReport => ({
  ...newWorkReport<CopyReport['phase']>('counting'),
  moved: 0,
  movedBytes: 0,
  leftovers: 0,
  entries: 0,
  deadLetters: 0,
  compared: 0,
  documents: 0,
  left: null,
  isHandedOver: false,
});

/** Whether nothing of the tenant is left in the source, and nothing failed: the region may leave the tenants' file. */
export const isCopied = ({ phase, failed, left }: CopyReport): boolean =>
  phase === 'done' &&
  failed === 0 &&
  left !== null &&
  !left.isMaster &&
  left.recordings + left.unfinished + left.staged + left.deadLetters === 0;
