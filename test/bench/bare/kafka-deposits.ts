import type { ObjectStore } from '@voicemail/object-store';
import { atMost } from '@voicemail/runtime';
import type { Kafka } from 'kafkajs';
import type { Stopwatch } from '../measure/stopwatch.ts';
import { depositPuts } from './deposit-puts.ts';

export interface BareDepositConsumer {
  readonly kafka: Kafka;
  readonly group: string;
  readonly from: string;
  /** Where facts go. */
  readonly to: string;
  readonly store: ObjectStore;
  readonly audio: Uint8Array;
  /** Deposits under way, over all partitions. */
  readonly atOnce: number;
  readonly watch: Stopwatch;
}

/**
 * Stores deposits as bare as the client allows: `eachBatch`, every record of a batch beside the others, their facts in one send.
 * Resolves when the stopwatch is through.
 */
export async function consumeDepositsBarely(options: BareDepositConsumer): Promise<void> {
  const { kafka, group, from, to, store, audio, atOnce, watch } = options;
  const put = depositPuts(store, audio);
  const inTurn = atMost(atOnce);
  const [consumer, producer] = [kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 }), kafka.producer()];
  await Promise.all([consumer.connect(), producer.connect()]);
  await consumer.subscribe({ topics: [from], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: atOnce,
    eachBatch: async ({ batch }) => {
      watch.begun();
      const facts = await Promise.all(batch.messages.map((message) => inTurn(() => put(message))));
      await producer.send({ topic: to, messages: facts });
      watch.done(facts.length);
    },
  });
  await watch.perSecond;
  await consumer.disconnect();
  await producer.disconnect();
}
