import { kafkaServer, searchBytes, waitFor, whenAvailable, type KafkaServer } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import type { EventLog, LogRecord } from '../port.ts';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

const AFTER_MS = 1_500;
const GONE_LIMIT = { limitMs: 30_000, everyMs: 100 };
const HOUR_MS = 3_600_000;

whenAvailable(await kafkaServer(), 'trimming on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start({
      properties: {
        'log.retention.check.interval.ms': 200,
        'log.initial.task.delay.ms': 200,
        'log.segment.delete.delay.ms': 100,
      },
    });
  });

  const open = async (groups: readonly string[]) => {
    const topic = newTopic();
    const cleanup = { kind: 'trim', afterMs: AFTER_MS, retentionMs: HOUR_MS, groups } as const;
    const log = await openLog({ brokers: server.brokers, topics: [{ name: topic, cleanup }], partitions: 2 });
    return { topic, log };
  };
  const isOnDisk = async (text: string): Promise<boolean> => {
    const folders = server.nodes.map(({ dataFolder }) => dataFolder);
    return (await searchBytes([text], folders)).length > 0;
  };
  const handleAll = async (log: EventLog, group: string, topic: string, seen: LogRecord[] = []) => {
    const subscription = await log.subscribe({
      group,
      topics: [topic],
      maxInFlight: 8,
      maxBufferedRecords: 100,
      maxBufferedBytes: 1_000_000,
      handle: async (records) => void seen.push(...records),
    });
    await subscription.idle();
    return subscription;
  };
  const appendedAtLeast = (records: readonly LogRecord[], ageMs: number) =>
    waitFor('the records are old', () => records.every(({ appendedAt }) => Date.now() - appendedAt > ageMs));

  it('takes the bytes of what is done from the brokers’ disk, though nobody publishes any more', async () => {
    const { topic, log } = await open(['one', 'two']);
    const text = `the recording of ${topic}`;
    await log.append([{ topic, key: 'k', value: Buffer.from(text) }]);
    await handleAll(log, 'one', topic);
    await handleAll(log, 'two', topic);
    expect(await isOnDisk(text)).toBe(true);
    let removed = 0;
    await waitFor(
      'the recording has left the disk',
      async () => {
        removed += await log.clean();
        return !(await isOnDisk(text));
      },
      Boolean,
      GONE_LIMIT,
    );
    expect(removed).toBeGreaterThanOrEqual(1);
    expect(await readAll(log, topic)).toEqual([]);
  });

  it('keeps what a group has not done, however old', async () => {
    const { topic, log } = await open(['done', 'behind']);
    const text = `unprocessed, of ${topic}`;
    await log.append([{ topic, key: 'k', value: Buffer.from(text) }]);
    await handleAll(log, 'done', topic);
    const records = await readAll(log, topic);
    await appendedAtLeast(records, 2 * AFTER_MS);
    expect(await log.clean()).toBe(0);
    expect((await readAll(log, topic)).map(textOf)).toEqual([text]);
    // The brokers have looked at their segments since: a processed record of another topic is gone meanwhile.
    const other = await open(['done']);
    const gone = `processed, of ${other.topic}`;
    await other.log.append([{ topic: other.topic, key: 'k', value: Buffer.from(gone) }]);
    await handleAll(other.log, 'done', other.topic);
    const isGone = async () => {
      await other.log.clean();
      return !(await isOnDisk(gone));
    };
    await waitFor('the processed one has left the disk', isGone, Boolean, GONE_LIMIT);
    await log.clean();
    expect(await isOnDisk(text)).toBe(true);
    const seen: LogRecord[] = [];
    await handleAll(log, 'behind', topic, seen);
    expect(seen.map(textOf)).toEqual([text]);
  });

  it('keeps what is done until it is old enough', async () => {
    const topic = newTopic();
    const cleanup = { kind: 'trim', afterMs: HOUR_MS, retentionMs: 2 * HOUR_MS, groups: ['one'] } as const;
    const log = await openLog({ brokers: server.brokers, topics: [{ name: topic, cleanup }] });
    await log.append([{ topic, key: 'k', value: Buffer.from('young') }]);
    await handleAll(log, 'one', topic);
    expect(await log.clean()).toBe(0);
    expect((await readAll(log, topic)).map(textOf)).toEqual(['young']);
  });

  it('appends one marker to a partition that is idle, which nobody is given and which counts for nothing', async () => {
    const { topic, log } = await open(['one']);
    await log.append([{ topic, key: 'k', value: Buffer.from('done') }]);
    const seen: LogRecord[] = [];
    const subscription = await handleAll(log, 'one', topic, seen);
    await waitFor('the record is trimmed', async () => (await log.clean()) > 0, Boolean, GONE_LIMIT);
    // What was the end is the marker's place: the next record comes right after it, and there is none before.
    await subscription.idle();
    await waitFor('the marker is trimmed, too', async () => (await log.clean()) > 0, Boolean, GONE_LIMIT);
    await log.clean();
    const [position] = await log.append([{ topic, key: 'k', value: Buffer.from('next') }]);
    expect(position?.offset).toBe(2);
    await subscription.idle();
    expect(seen.map(textOf)).toEqual(['done', 'next']);
    expect((await readAll(log, topic)).map(textOf)).toEqual(['next']);
  });

  it('does not touch topics that are not trimmed', async () => {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)] });
    await log.append([{ topic, key: 'k', value: Buffer.from('kept') }]);
    expect(await log.clean()).toBe(0);
    expect(await readAll(log, topic)).toHaveLength(1);
  });
});
