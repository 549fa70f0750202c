import { TOPICS } from '@voicemail/contracts';
import type { Kafka } from 'kafkajs';
import { PARTITIONS } from '../bare/kafka-client.ts';

/** The mailboxes whose lamps were told since they were forgotten last, as a subscriber hears of them. */
export interface NewLamps {
  readonly mailboxes: ReadonlySet<string>;
  /** When each was heard of first, on the monotonic scale, in that order. */
  timesMs(): readonly number[];
  forget(): void;
  close(): Promise<void>;
}

/** Reads the topic of lamps from its beginning on. */
export async function newLamps(kafka: Kafka): Promise<NewLamps> {
  const mailboxes = new Set<string>();
  let timesMs: number[] = [];
  const consumer = kafka.consumer({ groupId: 'new-lamps' });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.mwi], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachMessage: async ({ message }) => {
      const mailbox = String(message.key);
      if (mailboxes.has(mailbox)) return;
      timesMs.push(performance.now());
      mailboxes.add(mailbox);
    },
  });
  return {
    mailboxes,
    timesMs: () => timesMs,
    forget: () => {
      mailboxes.clear();
      timesMs = [];
    },
    close: () => consumer.disconnect(),
  };
}
