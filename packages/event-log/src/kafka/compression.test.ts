import { kafkaServer, searchBytes, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { Kafka, logLevel } from 'kafkajs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { kept, RETENTION_MS, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

const TEXT = 'said again and again, ';

whenAvailable(shared(await kafkaServer()), 'compressed records on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  // The brokers compress anew what they take for such a topic, with the codecs that Java's client has too.
  it.each(['gzip', 'snappy', 'lz4', 'zstd'])('are read where they are compressed with %s', async (codec) => {
    const topic = newTopic();
    const admin = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());
    const configEntries = [
      { name: 'compression.type', value: codec },
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      { name: 'retention.ms', value: String(RETENTION_MS) },
    ];
    await admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }] });
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)], partitions: 1 });
    const texts = [1, 2, 3].map((number) => `${number} ${TEXT.repeat(number * 5_000)}`);
    await log.append(texts.map((text) => ({ topic, key: 'k', value: Buffer.from(text) })));
    expect((await readAll(log, topic)).map(textOf)).toEqual(texts);
    const folder = `${server.nodes[0]?.dataFolder}/${topic}-0`;
    expect(await searchBytes([TEXT.repeat(3)], [folder])).toEqual([]);
  });
});
