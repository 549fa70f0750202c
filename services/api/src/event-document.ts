import { DepositData, EVENT_TYPES, MailboxData, MessageActionData } from '@voicemail/contracts';
import { z } from 'zod';

/** The path of events, as the document has it. */
export const EVENT_PATH = '/v1/events/{topic}';

const EXAMPLE_TIME = '2026-03-02T10:00:00.000Z';

const envelope = <T extends z.ZodType>(type: string, data: T) =>
  z.object({
    specversion: z.literal('1.0'),
    id: z.string(),
    source: z.string().meta({ description: 'A URI reference: who publishes' }),
    type: z.literal(type),
    time: z.iso.datetime({ offset: true }),
    subject: z.string().exactOptional(),
    data,
  });

const Structured = z.union([
  envelope(EVENT_TYPES.deposit, DepositData),
  envelope(EVENT_TYPES.messageAction, MessageActionData),
  envelope(EVENT_TYPES.mailbox, MailboxData),
]);

const attribute = (description: string) => z.string().optional().meta({ description });

/** The attributes of binary mode; the event's own check says what is wrong with them. All other headers come along. */
export const EventHeaders = z.object({
  'ce-specversion': attribute('`1.0`; this and all other attributes in binary mode alone'),
  'ce-id': attribute('The id of the event; of a deposit, that of the message'),
  'ce-source': attribute('A URI reference: who publishes'),
  'ce-type': attribute("The type of the topic's events"),
  'ce-time': attribute('RFC 3339; of a deposit, when it was deposited'),
  'ce-tenant': attribute('Of a deposit and of the removal of a mailbox'),
  'ce-mailbox': attribute('Of a deposit and of the removal of a mailbox'),
  'ce-callerid': attribute('Of a deposit: the ANI as received, percent-encoded; none for an anonymous caller'),
  'ce-region': attribute("Of a deposit: one of the tenant's regions"),
  'ce-priority': attribute('Of a deposit: `normal` or `urgent`'),
  'ce-private': attribute('Of a deposit: `true` or `false`'),
  'ce-durationms': attribute('Of a deposit: how long it is, in milliseconds'),
  'ce-dataref': attribute('Of a deposit without a body: the key of the staged recording'),
});

/** What `POST /v1/events/{topic}` takes, in the words of OpenAPI 3.1. */
export function eventRequestBody(): object {
  const { $schema: _dialect, ...structured } = z.toJSONSchema(Structured, { io: 'input', target: 'draft-2020-12' });
  return {
    description: 'The event in structured mode; or, in binary mode, its data, which of a deposit is the recording',
    content: {
      'application/cloudevents+json': {
        schema: structured,
        example: {
          specversion: '1.0',
          id: 'event-1',
          source: '/feature-server',
          type: EVENT_TYPES.deposit,
          time: EXAMPLE_TIME,
          subject: '9876/message-1',
          data: {
            tenant: 't100',
            mailbox: '9876',
            messageId: 'message-1',
            callerId: '+15551212000',
            region: 'westus2',
            depositedAt: EXAMPLE_TIME,
            media: { contentType: 'audio/wav', base64: 'UklGRg==' },
          },
        },
      },
      'application/json': { schema: { type: 'object', description: 'The data of an action or a mailbox' } },
      'audio/*': { schema: { description: 'The recording of a deposit' } },
    },
  };
}
