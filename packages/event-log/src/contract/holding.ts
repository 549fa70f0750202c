import { expect, it } from 'vitest';
import type { Holding, LogRecord, SubscribeOptions } from '../port.ts';
import { gate, openWorld, readAll, record, sorted, valueOf, type OpenLogUnderTest, type World } from './world.ts';

/** Times that an append is looked for: what reading does while it is not there yet takes luck to see. */
const READ_AT_ONCE = 20;

/** The second topic is what handlers append to. */
const openTwo = (open: OpenLogUnderTest): Promise<World> => openWorld(open, [{}, { cleanup: { kind: 'compact' } }]);

export function holdingContract(open: OpenLogUnderTest): void {
  it('appends for whom it is handed to, each key in order', async () => {
    const world = await openTwo(open);
    const copied = new Map<string, number>();
    const subscription = await world.subscribe({
      isFenced: true,
      handle: async ([one], _, holding) => {
        const positions = await holding?.append([copyOf(world, one)]);
        copied.set(`${positions?.[0]?.partition}/${positions?.[0]?.offset}`, copied.size);
      },
    });
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    await world.append(...[1, 2, 3, 4].flatMap((number) => keys.map((key) => record(key, number))));
    await subscription.idle();
    const told = await readAll(world, world.topic(1));
    for (const key of keys) {
      const values = told.filter((one) => one.key === key).map(valueOf);
      expect(values).toEqual([1, 2, 3, 4].map((number) => `${key}${number}`));
    }
    expect(sorted(told.map(({ partition, offset }) => `${partition}/${offset}`))).toEqual(sorted(copied.keys()));
  });

  it('refuses an append of a handler that waited while its partition went to another subscriber', async () => {
    const world = await openTwo(open);
    const wait = gate();
    const refused = Promise.withResolvers<unknown>();
    await world.append(record('a', 1));
    let started = false;
    const first = await world.subscribe({
      isFenced: true,
      handle: async ([one], _, holding) => {
        started = true;
        await wait.opened;
        await holding?.append([copyOf(world, one)]).then(refused.resolve, refused.resolve);
      },
    });
    await world.until(() => started);
    const outside = first.holding(world.topic(), 'a');
    await first.stop(0);
    await world.append(record('a', 2));
    const second = await world.subscribe(copying(world));
    await second.idle();
    wait.open();
    const fenced = { name: 'LogError', code: 'fenced', retryable: false };
    expect(await refused.promise).toMatchObject(fenced);
    await expect(outside?.append([{ topic: world.topic(1), ...record('a', 1) }])).rejects.toMatchObject(fenced);
    expect((await readAll(world, world.topic(1))).map(valueOf)).toEqual(['a1', 'a2']);
  });

  it('is also had outside of a handler, for as long as the key is the subscriber’s', async () => {
    const world = await openTwo(open);
    const subscription = await world.subscribe(copying(world));
    await world.until(() => subscription.holding(world.topic(), 'a') !== null);
    await subscription.holding(world.topic(), 'a')?.append([{ topic: world.topic(1), ...record('a', 1) }]);
    expect(subscription.holding(world.topic(1), 'a')).toBeNull();
    await subscription.stop(0);
    expect(subscription.holding(world.topic(), 'a')).toBeNull();
    expect((await readAll(world, world.topic(1))).map(valueOf)).toEqual(['a1']);
  });

  it('has appended what is read right after', async () => {
    const world = await openTwo(open);
    const subscription = await world.subscribe(copying(world));
    await world.until(() => subscription.holding(world.topic(), 'a') !== null);
    for (let number = 1; number <= READ_AT_ONCE; number += 1) {
      const appended = await subscription
        .holding(world.topic(), 'a')
        ?.append([{ topic: world.topic(1), ...record('a', number) }]);
      const told = await readAll(world, world.topic(1), appended?.[0]?.offset);
      expect(told.map(valueOf)).toEqual([`a${number}`]);
    }
  });

  it('is nobody’s where it was not asked for', async () => {
    const world = await openTwo(open);
    const held: (Holding | null)[] = [];
    await world.append(record('a', 1));
    const subscription = await world.subscribe({ handle: async (_, __, holding) => void held.push(holding) });
    await subscription.idle();
    expect([...held, subscription.holding(world.topic(), 'a')]).toEqual([null, null]);
  });

  it('refuses what the log refuses, and goes on', async () => {
    const world = await openTwo(open);
    const subscription = await world.subscribe(copying(world));
    await world.until(() => subscription.holding(world.topic(), 'a') !== null);
    const holding = subscription.holding(world.topic(), 'a');
    const unknown = { topic: `${world.topic()}-none`, ...record('a', 1) };
    await expect(holding?.append([unknown])).rejects.toMatchObject({ code: 'unknown-topic' });
    await world.append(record('a', 2));
    await subscription.idle();
    expect((await readAll(world, world.topic(1))).map(valueOf)).toEqual(['a2']);
  });
}

/** Appends each record to the second topic. */
function copying(world: World): Pick<SubscribeOptions, 'isFenced' | 'handle'> {
  return {
    isFenced: true,
    handle: async ([one], _, holding) => {
      await holding?.append([copyOf(world, one)]);
    },
  };
}

function copyOf(world: World, one: LogRecord | undefined) {
  return { topic: world.topic(1), key: one?.key ?? null, value: one?.value ?? null };
}
