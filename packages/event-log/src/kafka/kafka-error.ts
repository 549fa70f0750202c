import { LogError, type LogErrorCode } from '../log-error.ts';

/** Answers of brokers (https://kafka.apache.org/protocol.html#protocol_error_codes) that the client does not call retriable. */
const ANSWERS: Readonly<Record<string, LogErrorCode>> = {
  MESSAGE_TOO_LARGE: 'too-large',
  RECORD_LIST_TOO_LARGE: 'too-large',
  INVALID_TOPIC_EXCEPTION: 'unknown-topic',
  UNSUPPORTED_VERSION: 'incompatible',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'incompatible',
  UNSUPPORTED_COMPRESSION_TYPE: 'incompatible',
  UNSUPPORTED_SASL_MECHANISM: 'incompatible',
  SECURITY_DISABLED: 'incompatible',
  INVALID_PARTITIONS: 'incompatible',
  INVALID_REPLICATION_FACTOR: 'incompatible',
  INVALID_CONFIG: 'incompatible',
  INVALID_REQUIRED_ACKS: 'incompatible',
  INVALID_RECORD: 'incompatible',
  POLICY_VIOLATION: 'incompatible',
  // Over when a broker is back, or a member has joined again.
  BROKER_NOT_AVAILABLE: 'unavailable',
  STALE_BROKER_EPOCH: 'unavailable',
  STALE_CONTROLLER_EPOCH: 'unavailable',
  ILLEGAL_GENERATION: 'unavailable',
  UNKNOWN_MEMBER_ID: 'unavailable',
  REBALANCE_IN_PROGRESS: 'unavailable',
  NON_EMPTY_GROUP: 'unavailable',
  // The next append goes by a new producer.
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'unavailable',
  DUPLICATE_SEQUENCE_NUMBER: 'unavailable',
  INVALID_PRODUCER_EPOCH: 'unavailable',
  INVALID_PRODUCER_ID_MAPPING: 'unavailable',
  UNKNOWN_PRODUCER_ID: 'unavailable',
  // A right may be given, a secret exchanged, while we run.
  TOPIC_AUTHORIZATION_FAILED: 'unavailable',
  GROUP_AUTHORIZATION_FAILED: 'unavailable',
  CLUSTER_AUTHORIZATION_FAILED: 'unavailable',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'unavailable',
  SASL_AUTHENTICATION_FAILED: 'unavailable',
  ILLEGAL_SASL_STATE: 'unavailable',
};

/** The client's own errors. */
const CLIENT: Readonly<Record<string, LogErrorCode>> = {
  KafkaJSConnectionError: 'unavailable',
  KafkaJSConnectionClosedError: 'unavailable',
  KafkaJSRequestTimeoutError: 'unavailable',
  KafkaJSBrokerNotFound: 'unavailable',
  KafkaJSNoBrokerAvailableError: 'unavailable',
  KafkaJSMetadataNotLoaded: 'unavailable',
  KafkaJSTopicMetadataNotLoaded: 'unavailable',
  KafkaJSStaleTopicMetadataAssignment: 'unavailable',
  KafkaJSGroupCoordinatorNotFound: 'unavailable',
  KafkaJSTimeout: 'unavailable',
  KafkaJSLockTimeout: 'unavailable',
  KafkaJSSASLAuthenticationError: 'unavailable',
  KafkaJSServerDoesNotSupportApiKey: 'incompatible',
  KafkaJSUnsupportedMagicByteInMessageSet: 'incompatible',
  KafkaJSNotImplemented: 'incompatible',
};

/** Of the network, and of the files that secrets are read from. */
const SYSTEM: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EACCES',
  'EIO',
]);

const ADVICE: Readonly<Partial<Record<LogErrorCode, string>>> = {
  unavailable: 'look at the brokers, the network between, and what this client may do there; then try again',
  incompatible: 'the brokers do not take this; look at their version and settings',
  'too-large': 'raise max.message.bytes of the topic, or send less',
};

/** Causes within causes are followed so far. */
const MAX_DEPTH = 8;

/** Turns whatever the client or the file system threw into a LogError; what is not known stays `unknown`. */
export function kafkaError(doing: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const chain = chainOf(error);
  // The innermost one that is known says most: those around it only tell how often it was tried.
  const code = chain.map(classify).findLast((one) => one !== 'unknown') ?? 'unknown';
  const innermost = chain.at(-1);
  const reason = innermost instanceof Error ? innermost.message : String(innermost);
  const advice = ADVICE[code];
  return new LogError(code, `${doing}: ${reason}${advice === undefined ? '' : ` (${advice})`}`, { cause: error });
}

/** An error, its cause, the cause of that; of several at once the first. */
function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let inner = within(error); inner !== undefined && chain.length < MAX_DEPTH; inner = within(inner)) {
    if (chain.includes(inner)) break;
    chain.push(inner);
  }
  return chain;
}

function within(error: unknown): unknown {
  if (!(error instanceof Error)) return undefined;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors[0] as unknown;
  if ('partitions' in error && Array.isArray(error.partitions)) {
    const failed = (error.partitions as readonly { readonly error?: unknown }[]).find(
      (one) => one.error instanceof Error,
    );
    return failed?.error;
  }
  return error.cause ?? undefined;
}

function classify(error: unknown): LogErrorCode {
  if (!(error instanceof Error)) return 'unknown';
  if ('type' in error && typeof error.type === 'string') {
    const known = ANSWERS[error.type];
    if (known !== undefined) return known;
    // Also a topic that a broker does not know: one that is just starting does not know any.
    if ('retriable' in error && error.retriable === true) return 'unavailable';
  }
  const known = CLIENT[error.name];
  if (known !== undefined) return known;
  return 'code' in error && typeof error.code === 'string' && SYSTEM.has(error.code) ? 'unavailable' : 'unknown';
}
