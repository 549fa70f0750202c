import { fileURLToPath } from 'node:url';
import { freePort } from '../free-port.ts';
import { availability, type Availability } from './availability.ts';
import type { Place, ServerDescription } from './description.ts';
import { KAFKA_STARTED, KAFKA_VERSION, startCommand, writeProperties, type KafkaNodeOptions } from './kafka-node.ts';
import { installedRoute, launch, type RunningServer } from './launch.ts';

/** One broker, which is a controller too. */
export interface KafkaNode extends RunningServer {
  /** 1, 2 or 3. */
  readonly id: number;
  /** `127.0.0.1:<port>` */
  readonly broker: string;
  /** A folder for each partition, `<topic>-<partition>`, with its segments. */
  readonly dataFolder: string;
}

/** Apache Kafka, without ZooKeeper. What it keeps is on disk: `restart` goes on with it. */
export interface KafkaServer extends RunningServer {
  /** Every node's address, for a client to begin with. */
  readonly brokers: readonly string[];
  /** To be killed and restarted one by one. */
  readonly nodes: readonly KafkaNode[];
}

export interface KafkaServerOptions {
  /**
   * A node of its own unless told, or a cluster of three, where every topic has a copy on each and two must have taken what is
   * acknowledged. A cluster is always started from the installed program: containers would not reach each other.
   */
  readonly nodes?: 1 | 3;
  /** Of every node's `server.properties`: replace ours, or add to them. */
  readonly properties?: KafkaNodeOptions['properties'];
  /** Who may come by SCRAM-SHA-512, and with which password; it still has to be turned on by `properties`. */
  readonly users?: Readonly<Record<string, string>>;
}

export const KAFKA: ServerDescription = {
  name: 'kafka',
  version: KAFKA_VERSION,
  install: () => [process.execPath, fileURLToPath(new URL('./kafka-install.ts', import.meta.url))],
  needs: 'Java 17 or later, Maven and a registry that has Kafka, or a container engine',
  program: startCommand,
  image: { name: `apache/kafka:${KAFKA_VERSION}`, program: startCommand('/opt/kafka') },
  isReady: (_place, output) => output.includes(KAFKA_STARTED),
};

/** Apache Kafka for tests, a server of one's own for each `start`. */
export async function kafkaServer(): Promise<Availability<(options?: KafkaServerOptions) => Promise<KafkaServer>>> {
  return availability(KAFKA, (route) => async ({ nodes: count = 1, properties = {}, users = {} } = {}) => {
    const nodeRoute = count === 1 ? route : await installedRoute(KAFKA);
    const controllerPorts = await Promise.all(Array.from({ length: count }, freePort));
    const scram = Object.entries(users).flatMap(([name, password]) => [
      '--add-scram',
      `SCRAM-SHA-512=[name=${name},password=${password}]`,
    ]);
    const startNode = async (id: number): Promise<KafkaNode> => {
      const node = await launch(KAFKA, nodeRoute, async (place: Place) => {
        await writeProperties(place, { id, controllerPorts, properties });
        return { args: [place.folder, '', ...scram] };
      });
      return { ...node, id, broker: `127.0.0.1:${node.port}`, dataFolder: `${node.folder}/data` };
    };
    // All at once: none is ready before most of them are there to choose who leads.
    const outcomes = await Promise.allSettled(controllerPorts.map((_port, index) => startNode(index + 1)));
    const nodes = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
    const onEach = async (action: (node: KafkaNode) => Promise<void>): Promise<void> => {
      await Promise.all(nodes.map(action));
    };
    const stop = (): Promise<void> => onEach((node) => node.stop());
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      await stop();
      throw failed.reason;
    }
    return {
      brokers: nodes.map(({ broker }) => broker),
      nodes,
      stop,
      kill: () => onEach((node) => node.kill()),
      restart: async () => {
        await onEach((node) => node.kill());
        await onEach((node) => node.restart());
      },
      [Symbol.asyncDispose]: stop,
    };
  });
}
