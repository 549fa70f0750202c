import { openKafkaLog } from '@voicemail/event-log';
import { openRedisMwiStore } from '@voicemail/mwi-store';
import type { CommandContext } from '../command-context.ts';
import type { Distributed } from '../distributed/variables.ts';
import { fine, look, type Finding } from './finding.ts';

/** Whether Kafka and Redis let us in and work now. Makes no topic: their settings are looked at by a start, which makes what is not there. */
export function checkBackbone(
  { clock, ids }: CommandContext,
  { kafka, redis }: Distributed,
): Promise<readonly Finding[]> {
  const brokers = kafka.brokers.join(', ');
  return Promise.all([
    look('kafka', 'Look at KAFKA_BROKERS, the brokers, and what they ask of who connects.', async () => {
      const log = await openKafkaLog({ ...kafka, clientId: 'voicemail-doctor', topics: [], clock, ids });
      try {
        await log.check();
      } finally {
        await log.close();
      }
      return fine('kafka', `answers at ${brokers}`);
    }),
    look('redis', 'Look at REDIS_URL, the server, and the rights of the user that it names.', async () => {
      const counts = await openRedisMwiStore({ ...redis, clock, ids });
      try {
        await counts.check();
      } finally {
        await counts.close();
      }
      return fine('redis', 'answers, and takes what is written');
    }),
  ]);
}
