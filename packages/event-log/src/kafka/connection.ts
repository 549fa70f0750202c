import { Kafka, logLevel, type LogEntry, type RetryOptions } from 'kafkajs';
import { registerCodecs } from './codecs.ts';
import { CLIENT_RETRY, CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './limits.ts';
import type { KafkaLogOptions } from './options.ts';
import { saslSettings, tlsSettings } from './security.ts';

/**
 * The client that producers, consumers and admins are made of. It connects to nothing by itself.
 * @param manner `isQuiet` where the client's errors are daily life, and those that are not come as rejections.
 */
export function connection(
  options: Pick<KafkaLogOptions, 'brokers' | 'clientId' | 'tls' | 'sasl' | 'logger'>,
  { retry = CLIENT_RETRY, isQuiet = false }: { readonly retry?: RetryOptions; readonly isQuiet?: boolean } = {},
): Kafka {
  registerCodecs();
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    ...(options.tls && { ssl: tlsSettings(options.tls) }),
    ...(options.sasl && { sasl: saslSettings(options.sasl) }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => say(options.logger, entry, isQuiet),
  });
}

/** Of what the client adds to its messages, these say where and how often; others may hold what is in a record. */
const TOLD = ['broker', 'groupId', 'topic', 'partition', 'error', 'retryCount', 'retryTime'];

/** What the client calls an error it mostly tries again, and if not it tells us; so nothing here is more than a warning. */
function say(logger: KafkaLogOptions['logger'], { namespace, level, log }: LogEntry, isQuiet: boolean): void {
  const told = Object.entries(log).filter(([name, value]) => TOLD.includes(name) && typeof value !== 'object');
  const fields = { client: namespace, ...Object.fromEntries(told) };
  if (level === logLevel.ERROR && !isQuiet) logger?.warn(fields, log.message);
  else logger?.debug(fields, log.message);
}
