import { kafkaServer, whenAvailable, type KafkaServer } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { startChild } from '../sqlite/testing/child.ts';
import { kept, newTopic, openLog } from './testing/open-kafka-log.ts';

/** One more buffer that was not collected yet is no growth; a tenth of the larger backlog would be. */
const COLLECTED_LATE_BYTES = 6_000_000;
const HANDLED = 5_000;

whenAvailable(await kafkaServer(), 'the memory of a consumer of Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  async function mostBytes(backlog: number): Promise<number> {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)] });
    const value = new Uint8Array(300);
    for (let from = 0; from < backlog; from += 5_000) {
      const numbers = Array.from({ length: 5_000 }, (_, index) => from + index);
      await log.append(numbers.map((number) => ({ topic, key: `k${number % 5_000}`, value })));
    }
    const program = new URL('testing/consume-backlog.ts', import.meta.url);
    const child = startChild(program, server.brokers[0] ?? '', topic, String(HANDLED));
    await child.ended;
    return Number(child.lines[0]);
  }

  it('is the same with a backlog of 20,000 and of 300,000 records', async () => {
    const small = await mostBytes(20_000);
    const large = await mostBytes(300_000);
    expect(small).toBeGreaterThan(1_000_000);
    expect(large).toBeLessThan(Math.max(1.2 * small, small + COLLECTED_LATE_BYTES));
    expect(large).toBeLessThan(100_000_000);
  }, 120_000);
});
