import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Place } from './description.ts';

export const KAFKA_VERSION = '4.3.1';

/** What the broker says when it serves. */
export const KAFKA_STARTED = 'Kafka Server started';

/** Any will do, as long as the nodes of a cluster have the same: a test's nodes know none but each other. */
const CLUSTER_ID = 'voicemailTestCluster00';

/**
 * Formats a node's folder where that is new, then becomes the broker. Its arguments: where Kafka is, the node's folder, an option of
 * the broker's JVM or nothing, and what else the formatting is told. The archive of classes only fits a classpath that is the same to
 * the letter, so that one is relative.
 */
const START = `
  cd "$1" && folder=$2 archive=-XX:SharedArchiveFile=classes.jsa && own=\${3:-$archive} || exit
  shift 3
  become() {
    exec java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j2.level=INFO \
      -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
      -cp 'libs/*' "$@"
  }
  [ -e "$folder/data/meta.properties" ] ||
    (become $archive kafka.tools.StorageTool format -t ${CLUSTER_ID} -c "$folder/server.properties" "$@") || exit
  become "$own" kafka.Kafka "$folder/server.properties"`;

export const startCommand = (kafkaFolder: string): readonly string[] => ['sh', '-c', START, 'kafka', kafkaFolder];

export interface KafkaNodeOptions {
  readonly id: number;
  /** The controllers' ports of every node of the cluster, in the order of their ids, which begin with 1. */
  readonly controllerPorts: readonly number[];
  /** Replace what is said here, or add to it. */
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

/** Writes a node's `server.properties` into its folder. */
export async function writeProperties({ host, port, folder }: Place, options: KafkaNodeOptions): Promise<void> {
  const { id, controllerPorts, properties } = options;
  const nodes = controllerPorts.length;
  const replicas = Math.min(nodes, 3);
  // With three copies one node may be away, and what was acknowledged is still on two.
  const leastInSync = replicas === 3 ? 2 : 1;
  const all = {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllerPorts.map((voter, index) => `${index + 1}@127.0.0.1:${voter}`).join(','),
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'default.replication.factor': replicas,
    'min.insync.replicas': leastInSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 3,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': leastInSync,
    'transaction.state.log.num.partitions': 3,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': leastInSync,
    // A node that was killed may only come back when the others have missed it for so long.
    'broker.session.timeout.ms': 2_000,
    'broker.heartbeat.interval.ms': 250,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1_000,
    'message.max.bytes': 16_777_216,
    'replica.fetch.max.bytes': 16_777_216,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    ...properties,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(folder, 'server.properties'), lines.join(''));
}
