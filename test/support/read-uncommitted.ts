import { randomUUID } from 'node:crypto';
import { waitFor } from '@voicemail/testing';
import { Kafka, logLevel } from 'kafkajs';

/** A record as it lies in the log. */
export interface RawRecord {
  readonly key: string;
  readonly value: string;
}

/**
 * Every record of a topic, those of a partition in their order, as a reader sees them that does not wait for commits: what was aborted is
 * there too. Leaves a tombstone behind in each partition.
 */
export async function readUncommitted(brokers: readonly string[], topic: string): Promise<readonly RawRecord[]> {
  const kafka = new Kafka({ clientId: 'reader', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const end = `end-${randomUUID()}`;
  const [admin, producer] = [
    kafka.admin(),
    kafka.producer({
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    }),
  ];
  const consumer = kafka.consumer({ groupId: end, readUncommitted: true, maxWaitTimeInMs: 100 });
  const seen: RawRecord[] = [];
  const ended = new Set<number>();
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition }) => partition);
    for (const partition of partitions) {
      await producer.send({ topic, messages: [{ partition, key: end, value: null }] });
    }
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message: { key, value }, partition }) => {
        if (key?.toString() === end) ended.add(partition);
        else if (value !== null) seen.push({ key: key?.toString() ?? '', value: value.toString() });
      },
    });
    await waitFor('it has read to the end of each partition', () => ended.size === partitions.length);
    return seen;
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
}
