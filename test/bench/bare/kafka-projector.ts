import { Redis } from 'ioredis';
import type { Kafka } from 'kafkajs';
import { defineCommands } from '../../../packages/mwi-store/src/redis/commands.ts';
import { mailboxKeys, UNSETTLED_KEY } from '../../../packages/mwi-store/src/redis/keys.ts';
import type { Stopwatch } from '../measure/stopwatch.ts';
import { PARTITIONS } from './kafka-client.ts';
import { lampOf } from './project.ts';

export interface BareProjector {
  readonly kafka: Kafka;
  readonly redisUrl: string;
  readonly group: string;
  readonly from: string;
  /** Where lamps go. */
  readonly to: string;
  readonly watch: Stopwatch;
}

interface Fact {
  readonly data: {
    readonly tenant: string;
    readonly mailbox: string;
    readonly messageId: string;
    readonly revision: number;
    readonly state: string;
    readonly urgent: boolean;
  };
}

/** Of the lamp that the script tells: counts, then the revision. */
const REVISION_AT = 4;

/**
 * Projects facts as bare as the clients allow: of each batch a mailbox's together, the same writing scripts in one pipeline, the lamps in
 * one send. Nothing is checked, read again or kept in order. Resolves when the stopwatch is through.
 */
export async function projectKafkaBarely(options: BareProjector): Promise<void> {
  const { kafka, redisUrl, group, from, to, watch } = options;
  const redis = new Redis(redisUrl);
  const commands = defineCommands(redis);
  const [consumer, producer] = [kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 }), kafka.producer()];
  await Promise.all([consumer.connect(), producer.connect()]);
  await consumer.subscribe({ topics: [from], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: PARTITIONS,
    eachBatch: async ({ batch }) => {
      watch.begun();
      const heard = new Map<string, { readonly ref: Fact['data']; readonly texts: string[] }>();
      for (const { value } of batch.messages) {
        const { data } = JSON.parse(String(value)) as Fact;
        const key = `${data.tenant}/${data.mailbox}`;
        const mailbox = heard.get(key) ?? { ref: data, texts: [] };
        mailbox.texts.push(data.messageId, `${data.revision} ${data.state} ${data.urgent ? 1 : 0}`);
        heard.set(key, mailbox);
      }
      const mailboxes = [...heard];
      const [, ...lamps] = await Promise.all([
        commands.noteUnsettled([UNSETTLED_KEY], 'all', ...mailboxes.map(([key]) => key)),
        ...mailboxes.map(([, { ref, texts }]) => commands.applyFacts(mailboxKeys(ref), Date.now(), 0, '', ...texts)),
      ]);
      const messages = mailboxes.map(([key, { ref }]) => ({ key, value: lampOf(ref.mailbox) }));
      await producer.send({ topic: to, messages });
      await Promise.all(
        mailboxes.map(([key, { ref }], index) => {
          const revision = lamps[index]?.[REVISION_AT];
          if (revision === undefined) throw new Error(`mailbox ${key} is not known`);
          return commands.markPublished(mailboxKeys(ref), revision, 0);
        }),
      );
      watch.done(batch.messages.length);
    },
  });
  await watch.perSecond;
  await consumer.disconnect();
  await producer.disconnect();
  redis.disconnect();
}
