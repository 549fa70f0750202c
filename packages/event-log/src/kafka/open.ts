import type { EventLog } from '../port.ts';
import type { KafkaLogOptions } from './options.ts';

/**
 * Opens the log on Kafka: makes the topics that are not there, and looks at those that are. A value that is being appended must not be
 * changed until `append` resolves. Partitions that are added to a topic are used after the next start.
 * @throws LogError `incompatible` (topics whose settings are wrong, every one of them said), `unavailable`. RangeError when a topic is
 * named twice.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  // A server that has its log in a file has no use for the client, and starts sooner without.
  const { connectedLog } = await import('./connected-log.ts');
  return connectedLog(options);
}
