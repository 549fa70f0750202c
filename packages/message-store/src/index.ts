export { callerHashes, InvalidCallerHashKey, type CallerHashes } from './caller-hash.ts';
export { CallerHashKeyMismatch, verifyMaster } from './caller-hash-check.ts';
export { claimMasterRegion } from './claim-master-region.ts';
export { deleteMessage, eraseMessage, type DeleteOutcome } from './delete-message.ts';
export {
  deadLetterId,
  keepDeadLetter,
  listDeadLetters,
  readDeadLetter,
  readRejected,
  removeDeadLetter,
  removeLetterEntries,
  timeOf,
  type DeadLetterHome,
  type RejectedRecord,
} from './dead-letters.ts';
export { storeDeposit, type Deposit, type DepositOutcome, type StoredDeposit } from './deposit.ts';
export type { DepositMedia } from './deposit-media.ts';
export type { DeadLetterDocument } from './documents.ts';
export type { NotErased } from './erase.ts';
export {
  markMessage,
  markRecord,
  settleMarkEntry,
  unmarkMessage,
  type MarkOutcome,
  type UnmarkOutcome,
} from './forget-marks.ts';
export { forwardedId, forwardMessage, type ForwardOutcome } from './forward-message.ts';
export type { Stored } from './json-document.ts';
export { stagingPrefix } from './keys.ts';
export { listMarked, listMarks, readMarkEntry, type Mark } from './mark-index.ts';
export { changeMailbox, readMailbox } from './mailbox-settings.ts';
export { listMailboxes, listMessages, listRecords, openMedia, readMessage, readRecord } from './read-message.ts';
export { callerEntryOf } from './caller-index.ts';
export { callerKey, soughtHashes } from './caller-key.ts';
export { markDeadLetter, unmarkDeadLetter } from './dead-letter-marks.ts';
export { eraseLeftover, putLeftoverStub } from './erase-leftover.ts';
export { eraseHoldNumber, keepHoldNumber, readHoldNumber } from './ledger/hold-number.ts';
export { createLedgers, type Ledgers } from './ledger/ledgers.ts';
export type { Ledger } from './ledger/ledger.ts';
export { underLease } from './ledger/lease.ts';
export { eraseNumbers, keepNumbers, readNumbers } from './ledger/numbers.ts';
export { settleMediaTag } from './media-tag.ts';
export { FACT_SOURCE, messageFact, traceOf, type Cause } from './message-fact.ts';
export { putVanishedStub, suppressDeposit } from './suppress-deposit.ts';
export { Refusal } from './refusal.ts';
export { reportNotErased } from './report-not-erased.ts';
export { eraseStaged, stageMedia } from './stage.ts';
export { sweepDeadLetters } from './sweep-dead-letters.ts';
export { sweepExpired } from './sweep-expired.ts';
export { sweepLeftovers, type SweptLeftovers } from './sweep-leftovers.ts';
export type { SweepOptions } from './sweep.ts';
export { reindexTenant, type ReindexOptions } from './reindex/reindex-tenant.ts';
export { newReindexReport, type ReindexReport } from './reindex/report.ts';
export { copyStorage, type CopyOptions } from './storage-copy/copy-storage.ts';
export { chooseTenants, NoSuchCopy } from './storage-copy/choose-tenants.ts';
export { isCopied, newCopyReport, type CopyReport, type LeftInSource } from './storage-copy/report.ts';
export { withdrawForward } from './withdraw-forward.ts';
export type { WorkFailure, WorkReport } from './work-report.ts';
export {
  openTenantDirectory,
  type ServedTenant,
  type TenantDirectory,
  type TenantDirectoryOptions,
} from './tenant-directory.ts';
export type { Memory } from './seen-countries.ts';
export { searchCaller, searchHashes, type CallerHit } from './search-caller.ts';
export { findRegion, regionStore, type RegionStore, type TenantStores } from './tenant-stores.ts';
export { WrongMasterRegion } from './wrong-master-region.ts';
export { changeState, type ChangeOutcome } from './update-message.ts';
