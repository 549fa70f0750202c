import { expect, test } from 'vitest';
import { isIncomingTopic, topicCatalogue, TOPICS } from './topics.ts';

test('the catalogue is the contract’s table', () => {
  const hour = 3_600_000;
  const catalogue = topicCatalogue({ deposits: ['a', 'b'], gdprRequests: ['c'] });
  const trim = { kind: 'trim', afterMs: 20 * hour, retentionMs: 168 * hour };
  expect(catalogue.map(({ name, direction, type, cleanup }) => [name, direction, type, cleanup])).toEqual([
    ['voicemail.deposits', 'in', 'voicemail.deposit.v1', { ...trim, groups: ['a', 'b'] }],
    ['voicemail.message-actions', 'in', 'voicemail.message-action.v1', { kind: 'delete', retentionMs: 168 * hour }],
    ['voicemail.mailboxes', 'in', 'voicemail.mailbox.v1', { kind: 'compact' }],
    ['voicemail.gdpr.requests', 'in', 'voicemail.gdpr.request.v1', { ...trim, groups: ['c'] }],
    ['voicemail.messages', 'out', 'voicemail.message.v1', { kind: 'delete', retentionMs: 168 * hour }],
    ['voicemail.mwi', 'out', 'voicemail.mwi.v1', { kind: 'compact' }],
    ['voicemail.gdpr.status', 'out', 'voicemail.gdpr.status.v1', { kind: 'delete', retentionMs: 720 * hour }],
    ['voicemail.dead-letters', 'out', 'voicemail.dead-letter.v1', { kind: 'delete', retentionMs: 720 * hour }],
  ]);
});

test('events are read of the incoming topics', () => {
  expect(Object.values(TOPICS).filter(isIncomingTopic)).toEqual([
    'voicemail.deposits',
    'voicemail.message-actions',
    'voicemail.mailboxes',
    'voicemail.gdpr.requests',
  ]);
});
