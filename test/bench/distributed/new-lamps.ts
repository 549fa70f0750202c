import { TOPICS } from '@voicemail/contracts';
import type { Kafka } from 'kafkajs';
import { PARTITIONS } from '../bare/kafka-client.ts';

/** The mailboxes whose lamps were told since they were forgotten last, as a subscriber hears of them. */
export interface NewLamps {
  readonly mailboxes: ReadonlySet<string>;
  /** When the first and the last mailbox was heard of, on the monotonic scale. */
  times(): { readonly firstMs: number; readonly lastMs: number };
  forget(): void;
  close(): Promise<void>;
}

/** Reads the topic of lamps from its beginning on. */
export async function newLamps(kafka: Kafka): Promise<NewLamps> {
  const mailboxes = new Set<string>();
  const times = { firstMs: 0, lastMs: 0 };
  const consumer = kafka.consumer({ groupId: 'new-lamps' });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.mwi], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachMessage: async ({ message }) => {
      const mailbox = String(message.key);
      if (mailboxes.has(mailbox)) return;
      times.lastMs = performance.now();
      if (mailboxes.size === 0) times.firstMs = times.lastMs;
      mailboxes.add(mailbox);
    },
  });
  return {
    mailboxes,
    times: () => times,
    forget: () => mailboxes.clear(),
    close: () => consumer.disconnect(),
  };
}
