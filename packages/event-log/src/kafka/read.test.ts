import { kafkaServer, waitFor, whenAvailable, type KafkaServer } from '@voicemail/testing';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

whenAvailable(await kafkaServer(), 'reading from Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start({
      properties: {
        'log.cleaner.backoff.ms': 100,
        'log.cleaner.min.cleanable.ratio': 0.01,
        'log.roll.ms': 500,
        'log.initial.task.delay.ms': 200,
      },
    });
  });

  /** Publishes as others do, in one transaction. */
  const transact = async (topic: string, messages: Message[], end: 'commit' | 'abort'): Promise<void> => {
    const kafka = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({
      transactionalId: newTopic(),
      maxInFlightRequests: 1,
      idempotent: true,
      retry: { initialRetryTime: 20 },
    });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    await transaction[end]();
  };

  it('gives what others have committed and nothing that they have aborted, and ends though only their marks follow', async () => {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)], partitions: 1 });
    await log.append([{ topic, key: 'k', value: Buffer.from('ours') }]);
    await transact(topic, [{ key: 'k', value: 'aborted' }], 'abort');
    await transact(topic, [{ key: 'k', value: 'committed' }], 'commit');
    await transact(topic, [{ key: 'k', value: 'aborted at the end' }], 'abort');
    expect((await readAll(log, topic)).map(textOf)).toEqual(['ours', 'committed']);
    const [lag] = await log.lag('nobody', [topic]);
    expect(lag).toMatchObject({ partition: 0, oldestAppendedAt: (await readAll(log, topic))[0]?.appendedAt });
  });

  it('says that nothing waits where only the marks of a transaction are left', async () => {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)], partitions: 1 });
    await transact(topic, [{ key: 'k', value: 'aborted' }], 'abort');
    expect(await log.lag('nobody', [topic])).toEqual([{ topic, partition: 0, waiting: 0, oldestAppendedAt: null }]);
  });

  it('gives the last record of each key of a compacted topic, over the gaps that were left', async () => {
    const topic = newTopic();
    const topics = [{ name: topic, cleanup: { kind: 'compact' } }] as const;
    const log = await openLog({ brokers: server.brokers, topics, partitions: 1 });
    const append = (key: string, value: string) => log.append([{ topic, key, value: Buffer.from(value) }]);
    for (let number = 0; number < 20; number += 1) await append('a', `a${number}`);
    let number = 0;
    const values = await waitFor(
      'the brokers have compacted',
      async () => {
        // A segment is compacted when it is over, and it is over when a later record comes.
        await append('b', `b${(number += 1)}`);
        return (await readAll(log, topic)).map(textOf);
      },
      (found) => found.length < 10,
      { limitMs: 30_000, everyMs: 300 },
    );
    expect(values).toContain('a19');
    expect(values).not.toContain('a18');
    expect(values.at(-1)).toBe(`b${number}`);
  });

  it('gives the records of every partition from an offset on', async () => {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)], partitions: 3 });
    const all = Array.from({ length: 30 }, (_, number) => `v${number}`);
    const positions = await log.append(all.map((value) => ({ topic, key: value, value: Buffer.from(value) })));
    const found: string[] = [];
    for await (const record of log.read(topic, { fromOffset: 2 })) found.push(textOf(record));
    const expected = all.filter((_, index) => (positions[index]?.offset ?? 0) >= 2);
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(new Set(positions.map(({ partition }) => partition)).size).toBe(3);
  });
});
