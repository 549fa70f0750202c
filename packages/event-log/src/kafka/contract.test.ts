import { whileTimePasses } from '@voicemail/runtime';
import { kafkaServer, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll } from 'vitest';
import { eventLogContract, type LogUnderTestOptions } from '../contract-suite.ts';
import { openKafkaLog } from './open.ts';

const PARTITIONS = 3;
/** Brokers hear of a new topic in their own time, which the log waits for by its clock. */
const WHILE_IT_OPENS = { stepMs: 1 };

const capabilities = {
  sharesTopics: true,
  passesOverBusyKeys: false,
  stampsByClock: false,
  cleansAtOnce: false,
};

whenAvailable(shared(await kafkaServer()), 'the log on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  eventLogContract('kafka', (options) => openOn(server, options), capabilities);
});

async function openOn(
  { brokers }: KafkaServer,
  options: LogUnderTestOptions,
): ReturnType<Parameters<typeof eventLogContract>[1]> {
  const open = () =>
    whileTimePasses(
      options.clock,
      openKafkaLog({ ...options, brokers, clientId: 'contract', partitions: PARTITIONS }),
      WHILE_IT_OPENS,
    );
  const first = await open();
  let current = first;
  return {
    log: first,
    reopen: async () => {
      await current.close();
      current = await open();
      return current;
    },
    dispose: () => current.close(),
  };
}
