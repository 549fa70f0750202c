export {
  ForgetRunBody,
  ForgetRunView,
  GdprAnswer,
  GdprBody,
  GdprRequestList,
  GdprRequestListQuery,
  GdprRequestView,
} from './gdpr.ts';
export { HoldBody, HoldList, HoldView } from './holds.ts';
export { DeadLetterList, DeadLetterView, EventAccepted } from './events.ts';
export { ListQuery, MessageListQuery } from './lists.ts';
export { MailboxBody, MailboxList, MailboxView, MwiView, UserMwiView } from './mailboxes.ts';
export { ForwardBody, MessageList, MessageView, PatchMessage } from './messages.ts';
export { Problem } from './problem.ts';
export { StorageCopyBody, StorageCopyView, StorageReindexView } from './storage.ts';
