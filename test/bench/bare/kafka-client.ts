import { waitFor } from '@voicemail/testing';
import { Kafka, logLevel, type Admin } from 'kafkajs';

/** Of each topic, as of ours. */
export const PARTITIONS = 12;

/** The client as its documentation has it. */
export const bareKafka = (brokers: readonly string[]): Kafka =>
  new Kafka({ clientId: 'bare', brokers: [...brokers], logLevel: logLevel.NOTHING });

/** Makes topics that the bare sides write to. */
export async function makeTopics(kafka: Kafka, names: readonly string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const topics = names.map((topic) => ({ topic, numPartitions: PARTITIONS }));
  await admin.createTopics({ topics, waitForLeaders: false });
  await waitFor('every partition has a leader', () => haveLeaders(admin, names), Boolean);
  await admin.disconnect();
}

async function haveLeaders(admin: Admin, topics: readonly string[]): Promise<boolean> {
  try {
    const metadata = await admin.fetchTopicMetadata({ topics: [...topics] });
    return metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    if (error instanceof Error && 'retriable' in error && error.retriable === true) return false;
    throw error;
  }
}
