import { bareKafka, PARTITIONS } from './kafka-client.ts';

/**
 * Takes each record of a topic and sends a small one of its key to the next, as bare as the client allows. Called with the brokers and
 * the topics, in the order of the hops. Says `ready` when it has its partitions.
 */
const [brokers = '', ...topics] = process.argv.slice(2);
const kafka = bareKafka(brokers.split(','));
const producer = kafka.producer();
await producer.connect();
/** As long as a fact or a lamp is in the log. */
const VALUE = Buffer.alloc(520, 'f');

const consumers = topics.slice(0, -1).map((from, index) => {
  const to = topics[index + 1] ?? '';
  const consumer = kafka.consumer({ groupId: `hop-${index}` });
  const joined = new Promise<void>((resolve) => void consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  const run = async (): Promise<void> => {
    await consumer.connect();
    await consumer.subscribe({ topics: [from] });
    await consumer.run({
      partitionsConsumedConcurrently: PARTITIONS,
      eachMessage: async ({ message: { key } }) => {
        await producer.send({ topic: to, messages: [{ key, value: VALUE }] });
      },
    });
    await joined;
  };
  return { run, stop: () => consumer.disconnect() };
});
await Promise.all(consumers.map(({ run }) => run()));
process.on('SIGTERM', () => {
  void Promise.all([...consumers.map(({ stop }) => stop()), producer.disconnect()]).then(() => process.exit(0));
});
process.stdout.write('ready\n');
