import type { EventLog } from '../port.ts';
import { connection } from './connection.ts';
import { FENCE_RETRY } from './consumer-limits.ts';
import { kafkaError } from './kafka-error.ts';
import { KafkaLog } from './kafka-log.ts';
import { DEFAULT_MAX_RECORD_BYTES, DEFAULT_PARTITIONS, DEFAULT_SEGMENT_MS, RECORD_FRAME_BYTES } from './limits.ts';
import type { KafkaLogOptions } from './options.ts';
import { ensureTopics } from './topics.ts';

/** See `openKafkaLog`. */
export async function connectedLog(options: KafkaLogOptions): Promise<EventLog> {
  const { topics, clock, ids, maxRecordBytes = DEFAULT_MAX_RECORD_BYTES } = options;
  const names = topics.map(({ name }) => name);
  if (new Set(names).size < names.length) throw new RangeError('a topic is named twice');
  const kafka = connection(options);
  const admin = kafka.admin();
  try {
    await admin.connect();
    const partitions = await ensureTopics(admin, {
      topics,
      partitions: options.partitions ?? DEFAULT_PARTITIONS,
      ...(options.replicationFactor !== undefined && { replicationFactor: options.replicationFactor }),
      maxMessageBytes: maxRecordBytes + RECORD_FRAME_BYTES,
      segmentMs: options.segmentMs ?? DEFAULT_SEGMENT_MS,
      clock,
    });
    const fencingKafka = connection(options, { retry: FENCE_RETRY, isQuiet: true });
    return new KafkaLog({ kafka, fencingKafka, admin, topics, partitions, clock, ids, maxRecordBytes });
  } catch (error) {
    await admin.disconnect();
    throw kafkaError('the log cannot be opened', error);
  }
}
