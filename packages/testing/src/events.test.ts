import { describe, expect, it } from 'vitest';
import {
  binaryRecord,
  binaryRequest,
  structuredRecord,
  structuredRequest,
  tombstoneRecord,
  tombstoneRequest,
} from './deliveries.ts';
import { deposit, mailboxEvent, messageAction } from './events.ts';

const media = { bytes: Uint8Array.of(82, 73, 70, 70), contentType: 'audio/wav' };
const sent = deposit({
  id: 'e1',
  messageId: 'm1',
  callerId: 'Zoë "Z" 100%',
  priority: 'urgent',
  time: '2026-01-05T10:00:00Z',
  media,
});
const text = (bytes: Uint8Array | null): unknown => JSON.parse(Buffer.from(bytes ?? []).toString());

describe('events for tests', () => {
  it('are whole CloudEvents under the key of their mailbox', () => {
    expect(sent).toEqual({
      topic: 'voicemail.deposits',
      key: 't100/9876',
      event: {
        specversion: '1.0',
        id: 'e1',
        source: '/test/publisher',
        type: 'voicemail.deposit.v1',
        time: '2026-01-05T10:00:00Z',
        subject: '9876/m1',
        datacontenttype: 'application/json',
        data: {
          tenant: 't100',
          mailbox: '9876',
          messageId: 'm1',
          callerId: 'Zoë "Z" 100%',
          region: 'westus2',
          depositedAt: '2026-01-05T10:00:00Z',
          priority: 'urgent',
          media: { contentType: 'audio/wav', base64: 'UklGRg==' },
        },
      },
    });
    const action = messageAction({ messageId: 'm1', action: 'forward', toMailbox: '12' });
    expect(action.event).toMatchObject({ subject: '9876/m1', data: { action: 'forward', toMailbox: '12' } });
    expect(action.event.data).not.toHaveProperty('actor');
    expect(mailboxEvent({ mailbox: '12', kind: 'group', members: ['u1'] })).toMatchObject({
      key: 't100/12',
      event: {
        type: 'voicemail.mailbox.v1',
        data: { mailbox: '12', kind: 'group', members: ['u1'], status: 'active' },
      },
    });
  });

  it('travel structured as one JSON document', () => {
    expect(structuredRequest(sent)).toMatchObject({
      path: '/v1/events/voicemail.deposits',
      headers: { 'content-type': 'application/cloudevents+json' },
    });
    expect(text(structuredRequest(sent).body)).toEqual(sent.event);
    expect(text(structuredRecord(sent).value)).toEqual(sent.event);
  });

  it('travel binary with a deposit’s audio as the body and its data as attributes', () => {
    const record = binaryRecord(sent);
    expect(record.value).toEqual(media.bytes);
    expect(record.headers).toEqual({
      'content-type': 'audio/wav',
      ce_specversion: '1.0',
      ce_id: 'm1',
      ce_source: '/test/publisher',
      ce_type: 'voicemail.deposit.v1',
      ce_time: '2026-01-05T10:00:00Z',
      ce_subject: '9876/m1',
      ce_tenant: 't100',
      ce_mailbox: '9876',
      ce_callerid: 'Zoë "Z" 100%',
      ce_region: 'westus2',
      ce_priority: 'urgent',
    });
    const { headers, body } = binaryRequest(sent);
    expect(body).toEqual(media.bytes);
    expect(headers['ce-callerid']).toBe('Zo%C3%AB%20%22Z%22%20100%25');
  });

  it('name a staged object in place of the audio', () => {
    const staged = deposit({ media: { contentType: 'audio/wav', stagedKey: 'staging/t100/x' } });
    expect(binaryRecord(staged).headers['ce_dataref']).toBe('staging/t100/x');
    expect(binaryRecord(staged).value).toEqual(new Uint8Array());
    expect(staged.event.data['media']).toEqual({ contentType: 'audio/wav', stagedKey: 'staging/t100/x' });
  });

  it('remove a mailbox by a tombstone', () => {
    const gone = mailboxEvent({ mailbox: '12' });
    expect(tombstoneRecord(gone)).toMatchObject({ key: 't100/12', value: null });
    const { headers, body } = tombstoneRequest(gone);
    expect(body).toHaveLength(0);
    expect(headers).toMatchObject({ 'ce-tenant': 't100', 'ce-mailbox': '12', 'ce-type': 'voicemail.mailbox.v1' });
    expect(headers).not.toHaveProperty('content-type');
  });
});
