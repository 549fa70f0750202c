import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kafkaServer, type KafkaNode } from './kafka.ts';
import { whenAvailable } from './when-available.ts';

const kafka = await kafkaServer();
const STARTS_LIMIT_MS = 90_000;

/** Asks a broker for the versions it speaks: `ApiVersions`, key 18, version 0, without a client's name. */
async function answers({ broker }: Pick<KafkaNode, 'broker'>): Promise<boolean> {
  const socket = connect(Number(broker.split(':')[1]), '127.0.0.1');
  try {
    await once(socket, 'connect');
    // Length, key, version, number of the request, no name.
    socket.write(Buffer.from('0000000a0012000000000007ffff', 'hex'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.readInt32BE(4) === 7 && answer.readInt16BE(8) === 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

const identity = ({ dataFolder }: KafkaNode): Promise<string> => readFile(join(dataFolder, 'meta.properties'), 'utf8');

whenAvailable(kafka, 'a Kafka server', (start) => {
  it(
    'serves on loopback, is killed, and comes back with what it has on disk',
    { timeout: STARTS_LIMIT_MS },
    async () => {
      const server = await start({ properties: { 'log.retention.check.interval.ms': 1_000 } });
      const [node] = server.nodes;
      if (node === undefined) throw new Error('it has no node');
      expect(server.brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
      expect(await answers(node)).toBe(true);
      expect(await readFile(join(node.dataFolder, '../server.properties'), 'utf8')).toContain(
        'log.retention.check.interval.ms=1000\n',
      );
      const before = await identity(node);
      await server.kill();
      expect(await answers(node)).toBe(false);
      await server.restart();
      expect([await answers(node), await identity(node)]).toEqual([true, before]);
      await server.stop();
      expect([await answers(node), existsSync(node.dataFolder)]).toEqual([false, false]);
    },
  );

  it('is a cluster whose nodes are killed and come back one by one', { timeout: STARTS_LIMIT_MS }, async () => {
    const server = await start({ nodes: 3 });
    const all = (): Promise<boolean[]> => Promise.all(server.nodes.map(answers));
    expect([server.brokers.length, await all()]).toEqual([3, [true, true, true]]);
    await server.nodes[1]?.kill();
    expect(await all()).toEqual([true, false, true]);
    await server.nodes[1]?.restart();
    expect(await all()).toEqual([true, true, true]);
  });
});
