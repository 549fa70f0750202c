import { kafkaServer, waitFor, whenAvailable, type KafkaServer, shared } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import type { LogRecord, SubscribeOptions } from '../port.ts';
import { allCommitted, openKafkaWorld, SESSION_TIMEOUT_MS } from './testing/kafka-world.ts';

const text = new TextDecoder();

whenAvailable(shared(await kafkaServer()), 'a group on Kafka', (start) => {
  let server: KafkaServer;
  beforeAll(async () => {
    server = await start();
  });

  it('keeps the order of each key, and handles no key twice at once, while members join and leave', async () => {
    const world = await openKafkaWorld(server.brokers, 6);
    const keys = Array.from({ length: 30 }, (_, index) => `mailbox-${index}`);
    const running = new Map<string, string>();
    const clashes: string[] = [];
    const seen = new Map<string, number[]>(keys.map((key) => [key, []]));
    const underWay = { one: 0, two: 0, three: 0 };
    const most = { one: 0, two: 0, three: 0 };
    const handler =
      (member: keyof typeof most): SubscribeOptions['handle'] =>
      async ([record]) => {
        const key = record?.key ?? '';
        const other = running.get(key);
        if (other !== undefined) clashes.push(`${key} by ${member} and ${other}`);
        running.set(key, member);
        underWay[member] += 1;
        most[member] = Math.max(most[member], underWay[member]);
        await waitFor('some time has passed', () => true, undefined, { everyMs: 1 });
        await new Promise((resolve) => setImmediate(resolve));
        seen.get(key)?.push(numberOf(record));
        running.delete(key);
        underWay[member] -= 1;
      };
    let appended = 0;
    const append = async (rounds: number): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        await Promise.all(keys.map((key) => world.append(key, String(appended))));
        appended += 1;
      }
    };
    const one = await world.subscribe({ maxInFlight: 4, handle: handler('one') });
    await append(20);
    const [two] = await Promise.all([world.subscribe({ maxInFlight: 4, handle: handler('two') }), append(40)]);
    const [three] = await Promise.all([world.subscribe({ maxInFlight: 4, handle: handler('three') }), append(40)]);
    await Promise.all([one.stop(5_000), append(40)]);
    await Promise.all([two.stop(5_000), append(40)]);
    await three.idle();
    expect(clashes).toEqual([]);
    for (const numbers of seen.values()) {
      // Again is allowed, out of order is not: every number's first time comes in order.
      const first = [...new Set(numbers)];
      expect(first).toEqual(Array.from({ length: appended }, (_, number) => number));
    }
    expect(Math.max(most.one, most.two, most.three)).toBeLessThanOrEqual(4);
    expect(most.two).toBeGreaterThan(0);
    expect(await world.committed()).toEqual(await world.ends());
  });

  it('hands over nothing twice where every member drains before it lets go', async () => {
    const world = await openKafkaWorld(server.brokers, 4);
    const handled: string[] = [];
    const handle = async (records: readonly LogRecord[]): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      handled.push(...records.map((record) => `${record.partition}/${record.offset}`));
    };
    const one = await world.subscribe({ handle });
    const appending = (async () => {
      for (let round = 0; round < 100; round += 1) {
        await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => world.append(key, String(round))));
      }
    })();
    const two = await world.subscribe({ handle });
    await one.stop(5_000);
    const three = await world.subscribe({ handle });
    await appending;
    await Promise.all([two.idle(), three.idle()]);
    expect(handled).toHaveLength(800);
    expect(new Set(handled).size).toBe(800);
  });

  it('waits for a handler under way before it lets its partition go, and hands its record to nobody else', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.append('a', '1', '2');
    const finish = Promise.withResolvers<void>();
    const handled: string[] = [];
    let started = false;
    const first = await world.subscribe({
      handle: async ([record]) => {
        started = true;
        await finish.promise;
        handled.push(`one ${record && text.decode(record.value ?? undefined)}`);
      },
    });
    await waitFor('it is being handled', () => started);
    let rebalancing = false;
    const joining = world.subscribe({
      handle: async ([record]) => void handled.push(`two ${record && text.decode(record.value ?? undefined)}`),
    });
    await waitFor('the group rebalances', async () => {
      const { groups } = await world.admin.describeGroups([world.group]);
      rebalancing = groups[0]?.state === 'PreparingRebalance';
      return rebalancing;
    });
    expect(handled).toEqual([]);
    finish.resolve();
    await joining;
    await first.stop(0);
    await allCommitted(world);
    expect(handled).toContain('one 1');
    expect(handled).toHaveLength(2);
    expect(handled[1]).toMatch(/ 2$/);
  });

  it('aborts what is not finished in time, and counts nothing that ends later', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.append('a', '1');
    const late = Promise.withResolvers<void>();
    let aborted = false;
    const first = await world.subscribe({
      handle: async (_, signal) => {
        signal.addEventListener('abort', () => {
          aborted = true;
        });
        await late.promise;
      },
    });
    const again: string[] = [];
    await world.subscribe({ handle: async ([record]) => void again.push(String(record?.offset)) });
    await waitFor('it was aborted', () => aborted, Boolean, { limitMs: 2 * SESSION_TIMEOUT_MS });
    await Promise.all([first.stop(0), waitFor('the other one has it', () => again.length === 1)]);
    late.resolve();
    await allCommitted(world);
    expect(again).toEqual(['0']);
  });

  it('keeps its partition while a handler takes longer than a session', async () => {
    const world = await openKafkaWorld(server.brokers, 1);
    await world.append('slow', '1');
    const finish = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    let calls = 0;
    const subscription = await world.subscribe(
      {
        handle: async (_, signal) => {
          calls += 1;
          signals.push(signal);
          await finish.promise;
        },
      },
      { sessionTimeoutMs: 3_000 },
    );
    await waitFor('it is being handled', () => calls === 1);
    const begunMs = performance.now();
    await waitFor('more than two sessions have passed', () => performance.now() - begunMs > 6_500);
    const { groups } = await world.admin.describeGroups([world.group]);
    expect(groups[0]).toMatchObject({ state: 'Stable', members: [expect.anything()] });
    finish.resolve();
    await subscription.idle();
    expect(calls).toBe(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

function numberOf(record: LogRecord | undefined): number {
  return Number(text.decode(record?.value ?? undefined));
}
