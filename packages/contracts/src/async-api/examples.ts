import { messageSummary } from '@voicemail/domain';
import type { DeadLetterData } from '../data/dead-letter.ts';
import type { DepositInput } from '../data/deposit.ts';
import type { GdprRequestData, GdprStatusData } from '../data/gdpr.ts';
import type { MailboxData } from '../data/mailbox.ts';
import type { MessageActionData } from '../data/message-action.ts';
import type { MessageFactData } from '../data/message-fact.ts';
import type { MwiData } from '../data/mwi.ts';
import { EXAMPLE_TIME } from './messages.ts';

const where = { tenant: 't100', mailbox: '9876' };
const messageId = 'message-1';
const counts = { new: 3, old: 1, urgentNew: 0, urgentOld: 0 };

export const DEPOSIT: DepositInput = {
  ...where,
  messageId,
  callerId: '+15551212000',
  region: 'westus2',
  depositedAt: EXAMPLE_TIME,
  priority: 'urgent',
  media: { contentType: 'audio/wav', base64: 'UklGRg==' },
};

export const ACTION: MessageActionData = { ...where, messageId, action: 'read', actor: 'agent-1', at: EXAMPLE_TIME };

export const MAILBOX: MailboxData = { ...where, kind: 'group', members: ['agent-1', 'agent-2'], status: 'active' };

export const FACT: MessageFactData = {
  ...where,
  messageId,
  change: 'deposited',
  state: 'new',
  urgent: true,
  revision: 1,
  at: EXAMPLE_TIME,
};

export const MWI: MwiData = {
  ...where,
  kind: 'group',
  users: ['agent-1', 'agent-2'],
  messagesWaiting: true,
  ...counts,
  revision: 1_772_445_600_000,
  asOf: EXAMPLE_TIME,
  full: false,
  messageSummary: messageSummary(where.mailbox, counts, 'voice.example.com'),
};

export const GDPR_REQUEST: GdprRequestData = {
  tenant: where.tenant,
  requestId: 'request-1',
  operation: 'forgetme',
  consumers: [{ phone: '+15551212000' }],
  requestedAt: EXAMPLE_TIME,
};

export const GDPR_STATUS: GdprStatusData = {
  tenant: where.tenant,
  requestId: 'request-1',
  operation: 'forgetme',
  status: 'marked',
  messages: 2,
  at: EXAMPLE_TIME,
};

export const DEAD_LETTER: DeadLetterData = {
  topic: 'voicemail.deposits',
  partition: 0,
  offset: 17,
  reason: 'invalid-data',
  detail: 'data.media.contentType must be a media type, such as audio/wav',
  storedAt: 't100/dead-letters/voicemail.deposits-0-17/record',
  at: EXAMPLE_TIME,
};
