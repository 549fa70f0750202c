import { kafkaServer, whenAvailable, shared } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { LogError } from '../log-error.ts';
import { Appender } from './append.ts';
import { DEFAULT_MAX_RECORD_BYTES } from './limits.ts';
import { kept, newTopic, openLog, readAll } from './testing/open-kafka-log.ts';

interface Sent {
  readonly partition: number;
  readonly values: readonly string[];
  readonly answer: PromiseWithResolvers<number>;
}

/** The number at the end of a key is its partition. */
const byNumber = (_topic: string, _partitions: number, key: string | null): number => Number(key?.at(-1));
const record = (key: string, value: string) => ({ topic: 't', key, value: Buffer.from(value) });
const settle = () => new Promise(setImmediate);

describe('records that are appended', () => {
  let sends: Sent[];
  let appender: Appender;
  beforeEach(() => {
    sends = [];
    appender = new Appender({
      send: (_topic, partition, messages) => {
        const answer = Promise.withResolvers<number>();
        sends.push({ partition, values: messages.map(({ value }) => String(value)), answer });
        return answer.promise;
      },
      partitioner: byNumber,
      partitions: new Map([['t', 3]]),
      maxRecordBytes: 100,
      maxWaitingBytes: 20,
    });
  });
  const sent = () => sends.map(({ partition, values }) => `${partition}:${values.join(',')}`);

  it('go to one partition a send, to all of them at once, and their places come in the order asked', async () => {
    const appending = appender.append([record('k1', 'a'), record('k0', 'b'), record('x1', 'c'), record('k2', 'd')]);
    await settle();
    expect(sent()).toEqual(['1:a,c', '0:b', '2:d']);
    for (const { partition, answer } of sends) answer.resolve(100 * partition);
    expect((await appending).map(({ partition, offset }) => [partition, offset])).toEqual([
      [1, 100],
      [0, 0],
      [1, 101],
      [2, 200],
    ]);
  });

  it('fail together when one of them does, and hold up no later ones', async () => {
    const failing = appender.append([record('k0', 'a'), record('k1', 'b')]);
    const later = appender.append([record('k0', 'c')]);
    await settle();
    sends[0]?.answer.reject(new LogError('unavailable', 'down'));
    sends[1]?.answer.resolve(5);
    await expect(failing).rejects.toMatchObject({ code: 'unavailable' });
    // It came in the same turn as the one that failed, so it went with it.
    await expect(later).rejects.toMatchObject({ code: 'unavailable' });
    const again = appender.append([record('k0', 'd')]);
    await settle();
    sends.at(-1)?.answer.resolve(9);
    expect(await again).toEqual([{ topic: 't', partition: 0, offset: 9 }]);
  });

  it('are refused while too much waits, and taken again when it does not', async () => {
    const first = appender.append([record('k0', 'fifteen letters')]);
    await settle();
    await expect(appender.append([record('k1', 'too much')])).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    sends[0]?.answer.resolve(0);
    await first;
    const next = appender.append([record('k1', 'not too much')]);
    await settle();
    sends[1]?.answer.resolve(0);
    await expect(next).resolves.toHaveLength(1);
  });
});

whenAvailable(shared(await kafkaServer()), 'appending to Kafka', (start) => {
  it('takes a record of the largest size, and gives it back as it was', async () => {
    const { brokers } = await start();
    const topic = newTopic();
    const log = await openLog({ brokers, topics: [kept(topic)] });
    const value = Buffer.alloc(DEFAULT_MAX_RECORD_BYTES - 1, 'v');
    await log.append([{ topic, key: 'k', value }]);
    const [found] = await readAll(log, topic);
    expect(found?.value?.length).toBe(value.length);
    expect(value.equals(found?.value ?? Buffer.alloc(0))).toBe(true);
    await expect(log.append([{ topic, key: 'kk', value }])).rejects.toMatchObject({ code: 'too-large' });
  });
});
