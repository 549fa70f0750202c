import { expect, it } from 'vitest';
import { waitFor } from '../wait-for.ts';
import { redisServer } from './redis.ts';
import { whenAvailable } from './when-available.ts';

const redis = await redisServer();

whenAvailable(redis, 'a Redis server', (start) => {
  it('serves on loopback, each with data of its own', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    expect(one.url).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    await one.command('SET', 'key', 'välue');
    expect(await one.command('GET', 'key')).toBe('välue');
    expect(await two.command('GET', 'key')).toBeNull();
    await expect(one.command('INCR', 'key')).rejects.toThrow('not an integer');
  });

  it('is killed, and comes back empty', async () => {
    const server = await start();
    await server.command('SET', 'key', 'value');
    await server.kill();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await server.command('GET', 'key')).toBeNull();
    await server.stop();
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('comes back with what it had where that is written down', async () => {
    const server = await start({ appendOnly: true });
    await server.command('SET', 'key', 'value');
    await server.kill();
    await server.restart();
    expect(await server.command('GET', 'key')).toBe('value');
  });

  it('holds no more than it may', async () => {
    const server = await start({ maxMemory: { bytes: 3_000_000, policy: 'noeviction' } });
    const fill = async (): Promise<void> => {
      for (let key = 0; key < 100; key += 1) await server.command('SET', `key${key}`, 'x'.repeat(100_000));
    };
    await expect(fill()).rejects.toThrow(/^OOM /);
  });

  it('is a cluster of three masters, and one again after a restart of all', async () => {
    const server = await start({ cluster: true });
    expect(server.nodes).toHaveLength(3);
    const answers = async () => {
      const said = server.nodes.map((node) => node.command('SET', 'key', 'value').catch(String));
      const isMoved = (await Promise.all(said)).map((answer) => String(answer).includes('MOVED'));
      return { moved: isMoved.filter(Boolean).length, taken: isMoved.filter((moved) => !moved).length };
    };
    expect(await answers()).toEqual({ moved: 2, taken: 1 });
    await server.kill();
    await server.restart();
    expect(await answers()).toEqual({ moved: 2, taken: 1 });
  });

  it('has a replica that Sentinel promotes when the first node is gone', async () => {
    const server = await start({ replica: true });
    const replica = server.replica!;
    await server.command('SET', 'key', 'value');
    await waitFor('the replica has it', () => replica.command('GET', 'key'));
    await expect(replica.command('SET', 'key', 'other')).rejects.toThrow(/^READONLY /);
    await server.kill();
    await waitFor('it is promoted', () => replica.command('SET', 'key', 'other').catch(() => null));
  });

  it('has a replica that misses what came after it was cut off', async () => {
    const server = await start({ replica: true });
    const replica = server.replica!;
    await server.command('SET', 'key', 'value');
    await waitFor('the replica has it', () => replica.command('GET', 'key'));
    await replica.cut();
    await server.command('SET', 'key', 'later');
    await replica.promote();
    expect(await replica.command('GET', 'key')).toBe('value');
    await expect(server.command('PING')).rejects.toThrow('ECONNREFUSED');
  });
});
