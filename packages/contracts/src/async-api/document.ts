import type { z } from 'zod';
import { DeadLetterData } from '../data/dead-letter.ts';
import { DepositData } from '../data/deposit.ts';
import { GdprRequestData, GdprStatusData } from '../data/gdpr.ts';
import { MailboxData } from '../data/mailbox.ts';
import { MessageActionData } from '../data/message-action.ts';
import { MessageFactData } from '../data/message-fact.ts';
import { MwiData } from '../data/mwi.ts';
import { EVENT_TYPES, topicCatalogue, TOPICS, type TopicCleanup } from '../topics.ts';
import * as examples from './examples.ts';
import { binaryDeposit, binaryMessage, structuredMessage, tombstone, type DocumentMessage } from './messages.ts';

type Topic = keyof typeof TOPICS;

interface Channel {
  readonly about: string;
  readonly messages: Readonly<Record<string, DocumentMessage>>;
}

/** The AsyncAPI 3.0 document of the eight topics, made from the schemas that check their events. */
export function asyncApiDocument(version: string): Readonly<Record<string, unknown>> {
  const catalogue = topicCatalogue({ deposits: [], gdprRequests: [] });
  const channels: Record<string, object> = {};
  const operations: Record<string, object> = {};
  for (const [topic, name] of Object.entries(TOPICS) as [Topic, string][]) {
    const entry = catalogue.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new TypeError(`${name} is not in the catalogue`);
    const { about, messages } = CHANNELS[topic];
    channels[topic] = { address: name, description: about, messages, bindings: kafkaTopic(name, entry.cleanup) };
    const action = entry.direction === 'in' ? 'receive' : 'send';
    operations[`${action}.${topic}`] = { action, channel: { $ref: `#/channels/${topic}` }, summary: about };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Voicemail events',
      version,
      description: 'CloudEvents 1.0 over Kafka. Records are keyed, and records of one key stay in order.',
    },
    defaultContentType: 'application/cloudevents+json',
    channels,
    operations,
  };
}

const CHANNELS: Readonly<Record<Topic, Channel>> = {
  deposits: {
    about: 'Recordings of callers, told apart by message id.',
    messages: {
      structured: structuredMessage(EVENT_TYPES.deposit, DepositData, 'publisher', {
        id: 'event-1',
        subject: '9876/message-1',
        data: examples.DEPOSIT,
      }),
      binary: binaryDeposit(EVENT_TYPES.deposit),
    },
  },
  messageActions: {
    about: 'What users do with messages.',
    messages: incoming(EVENT_TYPES.messageAction, MessageActionData, examples.ACTION),
  },
  mailboxes: {
    about: 'The provisioning of mailboxes.',
    messages: {
      ...incoming(EVENT_TYPES.mailbox, MailboxData, examples.MAILBOX),
      tombstone: tombstone(EVENT_TYPES.mailbox),
    },
  },
  gdprRequests: {
    about: 'Requests to forget callers, to undo that, to export what is stored.',
    messages: incoming(EVENT_TYPES.gdprRequest, GdprRequestData, examples.GDPR_REQUEST),
  },
  messages: {
    about: 'What has happened to messages and mailboxes, published after it is stored. No caller id.',
    messages: outgoing(EVENT_TYPES.message, MessageFactData, examples.FACT),
  },
  mwi: {
    about: 'The whole state of a mailbox’s lamp; the last record of a key is the truth.',
    messages: outgoing(EVENT_TYPES.mwi, MwiData, examples.MWI),
  },
  gdprStatus: {
    about: 'How requests come along. No phone number.',
    messages: outgoing(EVENT_TYPES.gdprStatus, GdprStatusData, examples.GDPR_STATUS),
  },
  deadLetters: {
    about: 'Records that were rejected, and why. No personal data.',
    messages: outgoing(EVENT_TYPES.deadLetter, DeadLetterData, examples.DEAD_LETTER),
  },
};

function incoming(type: Parameters<typeof binaryMessage>[0], data: z.ZodType, example: object): Channel['messages'] {
  return {
    structured: structuredMessage(type, data, 'publisher', { id: 'event-1', data: example }),
    binary: binaryMessage(type, data),
  };
}

function outgoing(type: Parameters<typeof binaryMessage>[0], data: z.ZodType, example: object): Channel['messages'] {
  return { structured: structuredMessage(type, data, 'subscriber', { id: 'event-1', data: example }) };
}

function kafkaTopic(topic: string, cleanup: TopicCleanup): object {
  const topicConfiguration =
    cleanup.kind === 'compact'
      ? { 'cleanup.policy': ['compact'] }
      : { 'cleanup.policy': ['delete'], 'retention.ms': cleanup.retentionMs };
  return { kafka: { topic, topicConfiguration, bindingVersion: '0.5.0' } };
}
