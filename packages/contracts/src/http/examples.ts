import * as events from '../async-api/examples.ts';
import { EXAMPLE_TIME } from '../async-api/messages.ts';

/** What the documents of the HTTP API show; the same mailbox and message as in those of the events. */

const { tenant, mailbox, new: fresh, old, urgentNew, urgentOld } = events.MWI;
const { messageId, region } = events.DEPOSIT;
const callerId = '+15551212000';

export const SETTINGS = { kind: 'group', members: ['agent-1', 'agent-2'], displayName: 'Sales', status: 'active' };

export const MAILBOX = {
  tenant,
  mailbox,
  counts: { new: fresh, old, urgentNew, urgentOld, stale: false },
  settings: SETTINGS,
};

export const MWI = { ...events.MWI, stale: false };

export const MESSAGE = {
  tenant,
  mailbox,
  messageId,
  callerId,
  state: 'new',
  priority: 'urgent',
  private: false,
  durationMs: 3_200,
  depositedAt: EXAMPLE_TIME,
  time: EXAMPLE_TIME,
  region,
  media: {
    key: `${tenant}/mailboxes/${mailbox}/messages/${messageId}/media.wav`,
    contentType: 'audio/wav',
    size: 51_244,
    sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  revision: 1,
  modifiedAt: EXAMPLE_TIME,
};

export const ACCEPTED = { id: messageId, topic: 'voicemail.deposits', partition: 0, offset: 17 };

export const DEAD_LETTER = {
  ...events.DEAD_LETTER,
  id: 'voicemail.deposits-0-17-0123456789ab',
  tenant,
  region,
  takenAt: EXAMPLE_TIME,
  expiresAt: '2026-03-27T10:00:00.000Z',
};

export const PROBLEM = {
  type: 'about:blank',
  title: 'Bad Request',
  status: 400,
  detail: 'The call is refused.',
  faults: [{ path: 'kind', message: 'is missing' }],
};

export const GDPR_INPUT = {
  ccid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
  consumer: [{ name: 'A. Caller' }, { phone: callerId }],
};

const REQUEST_ID = 'gdpr-3f0c8a';
const REQUEST = {
  requestId: REQUEST_ID,
  tenant,
  operation: 'forgetme',
  status: 'marked',
  links: { self: `/v1/gdpr/requests/${REQUEST_ID}` },
} as const;

export const GDPR_ANSWER = {
  ...REQUEST,
  callers: { [callerId]: { messages: 2 } },
  ignored: [{ name: 'A. Caller' }],
};

export const GDPR_REQUEST = {
  ...REQUEST,
  callers: { [callerId]: { messages: 2 } },
  cutoff: EXAMPLE_TIME,
  takenAt: EXAMPLE_TIME,
  updatedAt: EXAMPLE_TIME,
  markedAt: EXAMPLE_TIME,
  deadlineAt: '2026-03-27T10:00:00.000Z',
  deadLetters: 0,
  regions: ['westus2', region],
  waitsFor: [],
  attempts: 1,
  steps: [{ step: 'mark', region: 'westus2', startedAt: EXAMPLE_TIME, endedAt: EXAMPLE_TIME, changed: 2 }],
};

const HOLD_ID = 'hold-3f0c8a';
export const HOLD = {
  id: HOLD_ID,
  tenant,
  phone: callerId,
  reason: 'case 4711',
  until: null,
  placedAt: EXAMPLE_TIME,
  inForce: true,
  links: { self: `/v1/holds/${HOLD_ID}` },
};

export const FORGET_RUN = { deleted: 1, kept: 0, items: [{ tenant, mailbox, messageId, region }] };
