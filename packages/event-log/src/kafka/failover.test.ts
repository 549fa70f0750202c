import { kafkaServer, waitFor, whenAvailable } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { LogError } from '../log-error.ts';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';
import { client } from './testing/kafka-world.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const TEST_LIMIT_MS = 120_000;

whenAvailable(await kafkaServer(), 'members of a group when a broker of three is killed', (start) => {
  it(
    'go on by themselves: nothing is lost, and the order of each key is kept',
    { timeout: TEST_LIMIT_MS },
    async () => {
      const server = await start({ nodes: 3 });
      const [topic, told] = [newTopic(), newTopic()];
      const topics = [kept(topic), kept(told)];
      const open = () => openLog({ brokers: server.brokers, topics, partitions: 6, replicationFactor: 3 });
      const [log, other] = [await open(), await open()];
      const seen = new Map<string, number[]>(KEYS.map((key) => [key, []]));
      const subscribe = (member: typeof log) =>
        member.subscribe({
          group: 'group',
          topics: [topic],
          maxInFlight: 8,
          maxBatch: 100,
          maxBufferedRecords: 1_000,
          maxBufferedBytes: 10_000_000,
          isFenced: true,
          handle: async (records, _, holding) => {
            const key = records[0]?.key ?? '';
            const numbers = seen.get(key) ?? [];
            numbers.push(...records.map((record) => Number(textOf(record))));
            const newest = Buffer.from(String(Math.max(...numbers)));
            await holding?.append([{ topic: told, key, value: newest }]);
          },
        });
      const subscriptions = await Promise.all([subscribe(log), subscribe(other)]);

      const acknowledged = new Map<string, number[]>(KEYS.map((key) => [key, []]));
      const over = new AbortController();
      const writers = KEYS.map(async (key) => {
        for (let number = 0; !over.signal.aborted; number += 1) {
          try {
            await log.append([{ topic, key, value: Buffer.from(String(number)) }]);
            acknowledged.get(key)?.push(number);
          } catch (error) {
            expect(error).toBeInstanceOf(LogError);
          }
        }
      });
      const handled = () => [...seen.values()].reduce((sum, numbers) => sum + numbers.length, 0);
      const goesOn = () => {
        const from = handled();
        return waitFor('records are handled', () => handled() >= from + 500, Boolean, { limitMs: 40_000 });
      };
      await goesOn();
      const admin = client(server.brokers).admin();
      await admin.connect();
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.disconnect();
      const node = server.nodes.find(({ id }) => id === metadata.topics[0]?.partitions[0]?.leader);
      await node?.kill();
      await goesOn();
      await node?.restart();
      await goesOn();
      over.abort();
      await Promise.all(writers);
      await Promise.all(subscriptions.map((subscription) => subscription.idle()));

      for (const [key, numbers] of seen) {
        const firstTimes = [...new Set(numbers)];
        expect(firstTimes).toEqual(firstTimes.toSorted((a, b) => a - b));
        expect(firstTimes).toEqual(expect.arrayContaining(acknowledged.get(key) ?? []));
      }
      const lastTold = new Map<string | null, number>();
      for (const { key, value } of await readAll(log, told)) {
        const number = Number(Buffer.from(value ?? []).toString());
        expect(number).toBeGreaterThanOrEqual(lastTold.get(key) ?? 0);
        lastTold.set(key, number);
      }
      for (const [key, numbers] of seen) expect(lastTold.get(key)).toBe(Math.max(...numbers));
      const lags = await log.lag('group', [topic]);
      expect(lags.map(({ waiting }) => waiting)).toEqual([0, 0, 0, 0, 0, 0]);
    },
  );
});
