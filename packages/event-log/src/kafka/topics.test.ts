import { manualClock, systemClock } from '@voicemail/runtime';
import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { LogError } from '../log-error.ts';
import type { TopicSettings } from '../port.ts';
import { TOPICS_KNOWN_LIMIT_MS } from './limits.ts';
import { newTopic, openLog } from './testing/open-kafka-log.ts';
import { untilKnown } from './until-known.ts';

const HOUR_MS = 3_600_000;
const TRIM = { kind: 'trim', afterMs: 20 * HOUR_MS, retentionMs: 168 * HOUR_MS, groups: ['one'] } as const;
const MAX_RECORD_BYTES = 1_000_000;

whenAvailable(shared(await kafkaServer()), 'topics on Kafka', (start) => {
  let server: KafkaServer;
  let admin: Admin;
  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    admin = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
  });

  const open = (topics: readonly TopicSettings[], partitions = 3) =>
    openLog({ brokers: server.brokers, topics, partitions, maxRecordBytes: MAX_RECORD_BYTES });
  const settingsOf = async (name: string): Promise<Record<string, string>> => {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name }];
    const found = await admin.describeConfigs({ includeSynonyms: false, resources });
    const entries = found.resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
  };

  it('are made with the partitions and settings that their cleanup asks for', async () => {
    const [compacted, deleted, trimmed] = [newTopic(), newTopic(), newTopic()];
    await open([
      { name: compacted, cleanup: { kind: 'compact' } },
      { name: deleted, cleanup: { kind: 'delete', retentionMs: HOUR_MS } },
      { name: trimmed, cleanup: TRIM },
    ]);
    const stamped = { 'message.timestamp.type': 'LogAppendTime' };
    expect(await settingsOf(compacted)).toMatchObject({ ...stamped, 'cleanup.policy': 'compact' });
    expect(await settingsOf(deleted)).toMatchObject({
      ...stamped,
      'cleanup.policy': 'delete',
      'retention.ms': String(HOUR_MS),
    });
    const bounds = {
      'retention.ms': String(168 * HOUR_MS),
      'retention.bytes': '-1',
      'segment.ms': String(HOUR_MS / 2),
    };
    expect(await settingsOf(trimmed)).toMatchObject({ ...stamped, 'cleanup.policy': 'delete', ...bounds });
    expect(Number((await settingsOf(trimmed))['max.message.bytes'])).toBeGreaterThan(MAX_RECORD_BYTES);
    const { topics } = await admin.fetchTopicMetadata({ topics: [compacted, deleted, trimmed] });
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([3, 3, 3]);
  });

  it('that are there and right are taken as they are, also with more partitions and room than asked for', async () => {
    const settings = { name: newTopic(), cleanup: TRIM };
    await open([settings]);
    await open([settings], 2);
    await expect(open([settings])).resolves.toBeDefined();
  });

  it('that are wrong are reported, every setting of every topic, and nothing is changed', async () => {
    const [plain, few] = [newTopic(), newTopic()];
    const configEntries = [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'max.message.bytes', value: '1000' },
      { name: 'retention.bytes', value: '5000' },
    ];
    await admin.createTopics({
      topics: [
        { topic: plain, numPartitions: 3, configEntries },
        { topic: few, numPartitions: 1, configEntries: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }] },
      ],
    });
    const before = await settingsOf(plain);
    const error: unknown = await open([
      { name: plain, cleanup: TRIM },
      { name: few, cleanup: { kind: 'delete', retentionMs: 168 * HOUR_MS } },
    ]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code: 'incompatible', retryable: false });
    const { message } = error as LogError;
    expect(message.split('\n').slice(1).toSorted()).toEqual(
      [
        `${plain}: message.timestamp.type is CreateTime, and must be LogAppendTime`,
        `${plain}: max.message.bytes is 1000, and must be 1016384 or more`,
        `${plain}: cleanup.policy is compact, and must be delete`,
        `${plain}: retention.bytes is 5000, and must be -1`,
        `${plain}: segment.ms is ${168 * HOUR_MS}, and must be ${HOUR_MS / 2} or less`,
        `${few}: it has 1 partitions, and must have 3 at least`,
      ].toSorted(),
    );
    expect(await settingsOf(plain)).toEqual(before);
  });

  it('are waited for while a broker has not heard of one that was just made, and not for ever', async () => {
    const name = newTopic();
    let looks = 0;
    const look = async (topic: string) => {
      looks += 1;
      if (looks === 3) await admin.createTopics({ topics: [{ topic: name }], waitForLeaders: false });
      return admin.fetchTopicMetadata({ topics: [topic] });
    };
    const { topics } = await untilKnown(systemClock(), () => look(name));
    expect(topics.map((topic) => topic.name)).toEqual([name]);
    expect(looks).toBeGreaterThanOrEqual(3);

    const clock = manualClock(0);
    let error: unknown;
    void untilKnown(clock, () => look(newTopic())).catch((reason: unknown) => (error = reason));
    await waitFor('it is given up', async () => {
      await clock.advance(TOPICS_KNOWN_LIMIT_MS);
      return error;
    });
    expect(error).toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });

  it('are made once by processes that start together', async () => {
    const topics = [newTopic(), newTopic()].map((name) => ({ name, cleanup: TRIM }));
    const logs = await Promise.all([1, 2, 3].map(() => open(topics)));
    expect(logs).toHaveLength(3);
    await logs[2]?.append([{ topic: topics[1]?.name ?? '', key: 'k', value: null }]);
  });
});
