export { afterTest } from './after-test.ts';
export {
  binaryRecord,
  binaryRequest,
  structuredRecord,
  structuredRequest,
  tombstoneRecord,
  tombstoneRequest,
  type EventRecord,
  type EventRequest,
} from './deliveries.ts';
export {
  deposit,
  mailboxEvent,
  messageAction,
  type ActionOptions,
  type DepositOptions,
  type IncomingTopic,
  type MailboxOptions,
  type TestEvent,
} from './events.ts';
export type { Exchange } from './fault-proxy/exchange.ts';
export type { Fault } from './fault-proxy/fault.ts';
export { faultProxy, openFaultProxy, type FaultProxy } from './fault-proxy/fault-proxy.ts';
export { faults } from './fault-proxy/faults.ts';
export type { SeenRequest, Selection } from './fault-proxy/request-log.ts';
export type { Injected, Occasion } from './fault-proxy/rule.ts';
export { freePort } from './free-port.ts';
export { isCi, isLongForm, isWhole } from './long-form.ts';
export { recording, RECORDING_KINDS, type Recording, type RecordingKind } from './recordings.ts';
export { readZip, type ZipFile } from './read-zip.ts';
export { searchBytes, searchText, type Hit } from './search-bytes.ts';
export type { Availability } from './servers/availability.ts';
export { accountSas, makeContainer } from './servers/azure-container.ts';
export { azureServer, type AzureServer, type AzureServerOptions } from './servers/azurite.ts';
export { closingServer, type ClosingServer } from './servers/closing-server.ts';
export { kafkaJava, type JavaProgram } from './servers/kafka-java.ts';
export { kafkaServer, type KafkaNode, type KafkaServer, type KafkaServerOptions } from './servers/kafka.ts';
export type { Tool } from './servers/description.ts';
export { installed } from './servers/install.ts';
export type { RunningServer } from './servers/launch.ts';
export type { RedisNode } from './servers/redis-node.ts';
export type { RedisReplica } from './servers/redis-pair.ts';
export { redisServer, type RedisServer, type RedisServerOptions } from './servers/redis.ts';
export { shared } from './servers/shared.ts';
export { s3Server, type S3Server, type S3ServerOptions } from './servers/versitygw.ts';
export { whenAvailable } from './servers/when-available.ts';
export { openSpawned, spawned, type Exit, type Spawned, type SpawnOptions } from './spawned.ts';
export { openTempFolder, tempFolder, type TempFolder } from './temp-folder.ts';
export { openTcpProxy, type TcpProxy, type Weather } from './tcp-proxy.ts';
export { tmpfs } from './tmpfs.ts';
export { composeLoader, type ComposeModel, type ComposeService } from './tools/compose-model.ts';
export { hadolint } from './tools/hadolint.ts';
export { waitFor, type WaitOptions } from './wait-for.ts';
