export { callerHashes, InvalidCallerHashKey, type CallerHashes } from './caller-hash.ts';
export { CallerHashKeyMismatch, verifyMaster } from './caller-hash-check.ts';
export { claimMasterRegion, claimMasterRegion as verifyCallerHashKey } from './claim-master-region.ts';
export {
  changeState,
  deleteMessage,
  forwardedId,
  forwardMessage,
  removeMedia,
  type ChangeOutcome,
  type DeleteOutcome,
  type ForwardOutcome,
} from './change-message.ts';
export {
  keepDeadLetter,
  listDeadLetters,
  readDeadLetter,
  readRejected,
  removeDeadLetter,
  type DeadLetterHome,
  type RejectedRecord,
} from './dead-letters.ts';
export { storeDeposit, type Deposit, type DepositMedia, type DepositOutcome } from './deposit.ts';
export type { DeadLetterDocument } from './documents.ts';
export type { Stored } from './json-document.ts';
export { stagingPrefix } from './keys.ts';
export { changeMailbox, readMailbox } from './mailbox-settings.ts';
export { listMailboxes, listMessages, listRecords, openMedia, readMessage, readRecord } from './read-message.ts';
export { Refusal } from './refusal.ts';
export { stageMedia } from './stage.ts';
export { sweepDeadLetters, sweepExpired, sweepLeftovers, type Leftovers, type SweepOptions } from './sweep.ts';
export {
  openTenantDirectory,
  type ServedTenant,
  type TenantDirectory,
  type TenantDirectoryOptions,
} from './tenant-directory.ts';
export type { Memory } from './seen-countries.ts';
export { searchCaller, type CallerHit } from './search-caller.ts';
export { regionStore, type RegionStore, type TenantStores } from './tenant-stores.ts';
export { WrongMasterRegion } from './wrong-master-region.ts';
