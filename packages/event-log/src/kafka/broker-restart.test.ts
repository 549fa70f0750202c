import { kafkaServer, waitFor, whenAvailable, type KafkaServer } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { PARTING_LIMIT_MS } from './consumer-limits.ts';
import { allCommitted, openKafkaWorld } from './testing/kafka-world.ts';
import { readUncommitted } from './testing/read-uncommitted.ts';

whenAvailable(await kafkaServer(), 'a subscription whose only broker is killed', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('goes on by itself when the broker is back: nothing is lost, and the order of each key is kept', async () => {
    const world = await openKafkaWorld(server.brokers, 3);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const seen = new Map<string, string[]>(keys.map((key) => [key, []]));
    const troubles: unknown[] = [];
    const subscription = await world.subscribe({
      isFenced: true,
      handle: async ([record], _, holding) => {
        const value = new TextDecoder().decode(record?.value ?? undefined);
        seen.get(record?.key ?? '')?.push(value);
        const told = Buffer.from(`${record?.key}${value}`);
        await holding?.append([{ topic: world.told, key: record?.key ?? null, value: told }]);
      },
      onFailure: (error) => void troubles.push(error),
    });
    const numbers = Array.from({ length: 50 }, (_, number) => String(number));
    await Promise.all(keys.map((key) => world.append(key, ...numbers.slice(0, 25))));
    await waitFor('some are handled', () => [...seen.values()].some((values) => values.length > 5));
    await server.kill();
    const idle = waitFor(
      'it can be asked again',
      () => subscription.idle(),
      () => true,
      { limitMs: 45_000 },
    );
    await server.restart();
    await Promise.all(keys.map((key) => world.append(key, ...numbers.slice(25))));
    await idle;
    await subscription.idle();
    await allCommitted(world);
    for (const values of seen.values()) expect([...new Set(values)]).toEqual(numbers);
    // Also what was aborted on the way. What was not committed is handled again, and told again, from where it had come to.
    const told = await readUncommitted(world, world.told);
    for (const key of keys) {
      const values = told.filter((value) => value.startsWith(key)).map((value) => Number(value.slice(1)));
      expect([...new Set(values)]).toEqual(numbers.map(Number));
    }
    for (const trouble of troubles) expect(trouble).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('can be stopped while the broker is away', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.append('a', '1');
    let handled = 0;
    const subscription = await world.subscribe({ handle: async () => void (handled += 1) });
    await waitFor('it is handled', () => handled === 1);
    await server.kill();
    const begunMs = performance.now();
    await subscription.stop(1_000);
    expect(performance.now() - begunMs).toBeLessThan(2 * PARTING_LIMIT_MS + 1_000);
    await server.restart();
  });
});
