export { asyncApiDocument } from './async-api/document.ts';
export { DEAD_LETTER_REASONS, DeadLetterData, DeadLetterReason } from './data/dead-letter.ts';
export { DepositData, type Deposit, type DepositInput, type DepositMedia } from './data/deposit.ts';
export { MAX_CALLER_ID_CHARS, TENANT_ID_PATTERN } from './data/fields.ts';
export { GdprRequestData, GdprStatusData } from './data/gdpr.ts';
export { MailboxData, type MailboxChange } from './data/mailbox.ts';
export { MessageActionData } from './data/message-action.ts';
export { MailboxChangedData, MessageChangedData, MessageFactData, type MessageFactInput } from './data/message-fact.ts';
export { MwiData } from './data/mwi.ts';
export { encodeEvent, type OutgoingEvent } from './event/encode-event.ts';
export type {
  ActionEvent,
  DepositEvent,
  EventContext,
  GdprRequestEvent,
  IncomingEvent,
  MailboxEvent,
} from './event/incoming-event.ts';
export { InvalidEvent, type InvalidEventReason } from './event/invalid-event.ts';
export type { HttpHeaders } from './event/http-attributes.ts';
export { isRecordingType } from './event/json.ts';
export { readHttpEvent } from './event/read-http-event.ts';
export { readDeadLetter, readMessageFact, readMwi } from './event/read-published.ts';
export { readRecord } from './event/read-record.ts';
export type { EventRecord, OutgoingRecord } from './event/record.ts';
export {
  deadLetterRecord,
  depositRecord,
  gdprRequestRecord,
  gdprStatusRecord,
  mailboxRecord,
  mailboxRemovedRecord,
  messageActionRecord,
  messageFactRecord,
  mwiRecord,
} from './event/records.ts';
export { check, type Fault } from './fault.ts';
export { consumersOf, type Consumers } from './http/consumers.ts';
export {
  DeadLetterList,
  DeadLetterView,
  EventAccepted,
  ForgetRunBody,
  ForgetRunView,
  ForwardBody,
  GdprAnswer,
  GdprBody,
  GdprRequestList,
  GdprRequestListQuery,
  GdprRequestView,
  HoldBody,
  HoldList,
  HoldView,
  ListQuery,
  MailboxBody,
  MailboxList,
  MailboxView,
  MessageList,
  MessageListQuery,
  MessageView,
  MwiView,
  PatchMessage,
  Problem,
  StorageCopyBody,
  StorageCopyView,
  StorageReindexView,
  UserMwiView,
} from './http/index.ts';
export { checkTenantsChange } from './tenants/check-change.ts';
export { InvalidTenants } from './tenants/invalid-tenants.ts';
export { parseTenants, type TenantDefaults } from './tenants/parse.ts';
export { placeOf, type Place } from './tenants/place.ts';
export { checkStorage, STORAGE_FIELDS, type Storage } from './tenants/storage.ts';
export type { Region, Tenant, TenantStatus } from './tenants/tenant.ts';
export {
  EVENT_TYPES,
  isIncomingTopic,
  topicCatalogue,
  TOPICS,
  type EventType,
  type IncomingTopic,
  type TopicCleanup,
  type TopicEntry,
  type TopicName,
} from './topics.ts';
