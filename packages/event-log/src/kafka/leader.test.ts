import { kafkaServer, whenAvailable, waitFor } from '@voicemail/testing';
import { Kafka, logLevel } from 'kafkajs';
import { expect, it, onTestFinished } from 'vitest';
import { LogError } from '../log-error.ts';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

const PARTITIONS = 12;
const WRITERS = 8;
const RECORDS_A_CALL = 24;
const TEST_LIMIT_MS = 120_000;

whenAvailable(await kafkaServer(), 'a leader of three that is killed', (start) => {
  it('loses nothing that was acknowledged, and doubles nothing', { timeout: TEST_LIMIT_MS }, async () => {
    const server = await start({ nodes: 3 });
    const topic = newTopic();
    const log = await openLog({
      brokers: server.brokers,
      topics: [kept(topic)],
      partitions: PARTITIONS,
      replicationFactor: 3,
    });
    const admin = new Kafka({ brokers: [...server.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    onTestFinished(() => admin.disconnect());

    const acknowledged: string[] = [];
    const unknown: string[] = [];
    const over = new AbortController();
    let number = 0;
    // Each call spans partitions, as a batch of deposits does.
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      while (!over.signal.aborted) {
        const values = Array.from({ length: RECORDS_A_CALL }, () => `value-${(number += 1)}`);
        try {
          await log.append(values.map((value) => ({ topic, key: `${writer}-${value}`, value: Buffer.from(value) })));
          acknowledged.push(...values);
        } catch (error) {
          expect(error).toBeInstanceOf(LogError);
          expect(error).toMatchObject({ code: 'unavailable', retryable: true });
          unknown.push(...values);
        }
      }
    });
    const grows = (by: number) => {
      const from = acknowledged.length;
      return waitFor('appends go on', () => acknowledged.length >= from + by, Boolean, { limitMs: 40_000 });
    };
    await grows(1_000);
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const leader = topics[0]?.partitions[0]?.leader;
    const node = server.nodes.find(({ id }) => id === leader);
    await node?.kill();
    await grows(1_000);
    await node?.restart();
    await grows(1_000);
    over.abort();
    await Promise.all(writers);

    const found = new Map<string, number>();
    for (const record of await readAll(log, topic)) found.set(textOf(record), (found.get(textOf(record)) ?? 0) + 1);
    expect(node).toBeDefined();
    expect(acknowledged.filter((value) => !found.has(value))).toEqual([]);
    const wasTold = new Set([...acknowledged, ...unknown]);
    expect([...found].filter(([value, times]) => times > 1 || !wasTold.has(value))).toEqual([]);
  });
});
