export { actionOrder, applyForward, applyStateAction, forwardedMessage, isLater, type StateAction } from './action.ts';
export { callerIdForms, canonicalCallerId, isCountry } from './caller-id.ts';
export {
  countEntries,
  isNewerEntry,
  nextRevision,
  NO_MESSAGES,
  replaceEntry,
  type CountEntry,
  type Counts,
} from './counts.ts';
export { isDue, type RuleTime } from './gdpr/deletion-rule.ts';
export type {
  CallerKey,
  Found,
  GdprOperation,
  GdprStep,
  LedgerEntry,
  RequestEntry,
  Taken,
} from './gdpr/ledger-entry.ts';
export type { HoldSubject } from './gdpr/hold-entry.ts';
export { isHoldInForce, lastToEnd, type Held, type HoldState } from './gdpr/hold-state.ts';
export { knownByKey, type KnownByKey } from './gdpr/known-by-key.ts';
export {
  asksNoMore,
  emptyLedger,
  erasedNumbers,
  headOf,
  heldNumbersToErase,
  type LedgerState,
  type News,
  type Verdict,
} from './gdpr/ledger-state.ts';
export {
  isInForce,
  isOver,
  isResting,
  isUnderWay,
  newRequest,
  type RequestPhase,
  type RequestState,
} from './gdpr/request-state.ts';
export { applyMark, applyUnmark, isMarked } from './forget-mark.ts';
export {
  applyMailboxEvent,
  mailboxUsers,
  UNPROVISIONED,
  type MailboxDocument,
  type MailboxEventOrder,
  type MailboxKind,
  type MailboxSettings,
  type MailboxStatus,
} from './mailbox.ts';
export { messageSummary } from './message-summary.ts';
export {
  earlier,
  isStub,
  isSwept,
  stubOf,
  type ActionOrder,
  type ClaimedObject,
  type GoneReason,
  type Media,
  type MessageRecord,
  type MessageState,
  type Metadata,
  type Priority,
  type Stub,
} from './message.ts';
export { isMailbox, isMessageId, MAILBOX_PATTERN, mailboxKey, MESSAGE_ID_PATTERN } from './names.ts';
export { isExpired } from './retention.ts';
