import { UNPROVISIONED_FACTS } from './lamp.ts';
import type { MwiSnapshot } from './port.ts';
import { expect, test } from 'vitest';
import { mwiData } from './mwi-data.ts';

const snapshot: MwiSnapshot = {
  tenant: 't100',
  mailbox: '9876',
  counts: { new: 3, old: 1, urgentNew: 1, urgentOld: 0 },
  settings: { ...UNPROVISIONED_FACTS, revision: 2, kind: 'group', users: ['agent-1', 'agent-2'], maxMessages: 4 },
  revision: 1_793_620_800_000,
  publishedRevision: 0,
  asOf: Date.parse('2026-11-02T12:00:00Z'),
  stale: false,
};

test('a record says the whole state of a mailbox', () => {
  expect(mwiData(snapshot, 'voice.example.com')).toEqual({
    tenant: 't100',
    mailbox: '9876',
    kind: 'group',
    users: ['agent-1', 'agent-2'],
    messagesWaiting: true,
    new: 3,
    old: 1,
    urgentNew: 1,
    urgentOld: 0,
    revision: 1_793_620_800_000,
    asOf: '2026-11-02T12:00:00.000Z',
    full: true,
    messageSummary:
      'Messages-Waiting: yes\r\nMessage-Account: sip:9876@voice.example.com\r\nVoice-Message: 3/1 (1/0)\r\n',
  });
});

test('old messages alone do not light the lamp, and without a SIP domain no account is named', () => {
  const read = { ...snapshot, counts: { new: 0, old: 3, urgentNew: 0, urgentOld: 1 } };
  expect(mwiData(read, null)).toMatchObject({
    messagesWaiting: false,
    full: false,
    messageSummary: 'Messages-Waiting: no\r\nVoice-Message: 0/3 (0/1)\r\n',
  });
});
