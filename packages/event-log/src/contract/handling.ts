import { expect, it } from 'vitest';
import type { LogRecord } from '../port.ts';
import { gate, openWorld, record, valueOf, type LogCapabilities, type OpenLogUnderTest, sorted } from './world.ts';

export function handlingContract(open: OpenLogUnderTest, capabilities: LogCapabilities): void {
  it('hands a new group everything that was there before it, and what comes after without being asked', async () => {
    const world = await openWorld(open);
    await world.append(record('a', 1), record('b', 2));
    const seen: (string | null)[] = [];
    await world.subscribe({ handle: async (records) => void seen.push(...records.map(valueOf)) });
    await world.until(() => seen.length === 2);
    await world.append(record('c', 3));
    await world.until(() => seen.length === 3);
    expect(sorted(seen)).toEqual(['a1', 'b2', 'c3']);
  });

  it('hands every group every record', async () => {
    const world = await openWorld(open);
    const seen: string[] = [];
    for (const group of ['one', 'two']) {
      await world.subscribe({
        group: `${world.group}-${group}`,
        handle: async ([only]) => void seen.push(`${group} ${only && valueOf(only)}`),
      });
    }
    await world.append(record('a', 1));
    await world.until(() => seen.length === 2);
    expect(sorted(seen)).toEqual(['one a1', 'two a1']);
  });

  it('hands subscribers of one group each their own topics', async () => {
    const world = await openWorld(open, [{}, {}]);
    const seen: string[] = [];
    for (const index of [0, 1]) {
      await world.subscribe({
        topics: [world.topic(index)],
        handle: async ([only]) => void seen.push(`${index} ${only && valueOf(only)}`),
      });
    }
    const all = Array.from({ length: 12 }, (_, number) => record(`k${number}`, number));
    for (const index of [0, 1]) await world.append(...all.map((one) => ({ ...one, topic: world.topic(index) })));
    await world.until(() => new Set(seen).size === 24);
    expect(sorted(new Set(seen))).toEqual(sorted([0, 1].flatMap((i) => all.map((_, n) => `${i} k${n}${n}`))));
  });

  it('hands over the records of a key one after the other, in order, and no more at once than it may', async () => {
    const world = await openWorld(open);
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const all = Array.from({ length: 120 }, (_, number) => record(keys[number % keys.length] ?? '', number));
    await world.append(...all);
    const running = new Set<string | null>();
    const seen: LogRecord[] = [];
    let most = 0;
    await world.subscribe({
      maxInFlight: 4,
      handle: async (records) => {
        const key = records[0]?.key ?? null;
        expect(records).toHaveLength(1);
        expect(running.has(key)).toBe(false);
        running.add(key);
        most = Math.max(most, running.size);
        await new Promise((resolve) => setImmediate(resolve));
        running.delete(key);
        seen.push(...records);
      },
    });
    await world.until(() => seen.length === all.length);
    for (const key of keys) {
      const offsets = seen.filter((one) => one.key === key).map(({ offset }) => offset);
      expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    }
    expect(most).toBe(4);
  });

  it('hands over several records of one key together, in order, where batches are asked for', async () => {
    const world = await openWorld(open);
    const block = gate();
    const batches: (string | null)[][] = [];
    const subscription = await world.subscribe({
      maxBatch: 10,
      handle: async (records) => {
        batches.push(records.map(valueOf));
        await block.opened;
      },
    });
    await world.append(record('a', 0), record('b', 0));
    await world.until(() => batches.length === 2);
    for (let number = 1; number <= 25; number += 1) await world.append(record('a', number), record('b', number));
    block.open();
    await subscription.idle();
    const most = Math.max(...batches.map((batch) => batch.length));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(10);
    for (const batch of batches) expect(new Set(batch.map((value) => value?.[0])).size).toBe(1);
    for (const key of ['a', 'b']) {
      const values = batches.flat().filter((value) => value?.startsWith(key));
      expect(values).toEqual(Array.from({ length: 26 }, (_, number) => `${key}${number}`));
    }
  });

  it('handles records without a key in parallel', async () => {
    const world = await openWorld(open);
    const block = gate();
    let running = 0;
    await world.subscribe({
      maxInFlight: 3,
      handle: async () => {
        running += 1;
        await block.opened;
      },
    });
    await world.append({ key: null }, { key: null }, { key: null }, { key: null });
    await world.until(() => running === 3);
    block.open();
    await world.until(() => running === 4);
    expect(running).toBe(4);
  });

  it('hands the same records over again after a failure, before later ones of the key, and holds up no other key', async () => {
    const world = await openWorld(open);
    const seen: (string | null)[] = [];
    const failures: [unknown, (string | null)[], number][] = [];
    await world.append(record('a', 1), record('a', 2), record('b', 1));
    let broken = true;
    const subscription = await world.subscribe({
      handle: async (records) => {
        const values = records.map(valueOf);
        if (broken && values.includes('a1')) throw new Error('not yet');
        seen.push(...values);
      },
      onFailure: (error, records, attempt) => void failures.push([error, records.map(valueOf), attempt]),
    });
    await world.until(() => failures.length >= 3 && seen.length === 1, 1_000);
    expect(seen).toEqual(['b1']);
    broken = false;
    await world.until(() => seen.length === 3, 10_000);
    expect(seen).toEqual(['b1', 'a1', 'a2']);
    for (const [index, [error, values, attempt]] of failures.entries()) {
      expect(error).toEqual(new Error('not yet'));
      expect(values).toEqual(['a1']);
      expect(attempt).toBe(index + 1);
    }
    await subscription.idle();
  });

  it('takes a handler that throws at once as one that rejects', async () => {
    const world = await openWorld(open);
    let calls = 0;
    await world.append(record('a', 1));
    const subscription = await world.subscribe({
      handle: () => {
        calls += 1;
        if (calls === 1) throw new Error('thrown, not rejected');
        return Promise.resolve();
      },
    });
    await world.until(() => calls === 2, 1_000);
    await subscription.idle();
    expect(calls).toBe(2);
  });

  it.runIf(capabilities.passesOverBusyKeys)(
    'lets other keys pass, though more records of a busy key lie in front than may be read ahead',
    async () => {
      const world = await openWorld(open);
      const block = gate();
      const busy = Array.from({ length: 500 }, (_, number) => record('busy', number));
      await world.append(...busy, record('other', 1));
      const seen: (string | null)[] = [];
      const subscription = await world.subscribe({
        maxInFlight: 2,
        maxBufferedRecords: 10,
        handle: async ([one]) => {
          if (one?.key === 'busy') await block.opened;
          seen.push(one ? valueOf(one) : null);
        },
      });
      await world.until(() => seen.length === 1);
      expect(seen).toEqual(['other1']);
      block.open();
      await subscription.idle();
      expect(seen.slice(1)).toEqual(busy.map((_, number) => `busy${number}`));
    },
  );

  it('gives each topic of a subscription its turn, however long the backlog of another is', async () => {
    const world = await openWorld(open, [{}, {}]);
    const backlog = Array.from({ length: 2_000 }, (_, number) => record(`k${number % 50}`, number));
    await world.append(...backlog);
    await world.append(...[1, 2, 3].map((number) => ({ ...record('few', number), topic: world.topic(1) })));
    const order: string[] = [];
    const subscription = await world.subscribe({
      topics: [world.topic(0), world.topic(1)],
      maxInFlight: 2,
      maxBufferedRecords: 100,
      handle: async ([one]) => void order.push(one?.topic ?? ''),
    });
    await subscription.idle();
    expect(order).toHaveLength(2_003);
    expect(order.lastIndexOf(world.topic(1))).toBeLessThan(1_000);
  });

  it.skipIf(capabilities.sharesTopics)('refuses a second subscriber of a topic in one group, saying why', async () => {
    const world = await openWorld(open);
    const first = await world.subscribe({ handle: async () => {} });
    await expect(world.subscribe({ handle: async () => {} })).rejects.toMatchObject({ code: 'in-use' });
    await first.stop(0);
    await (await world.subscribe({ handle: async () => {} })).stop(0);
  });

  it.runIf(capabilities.sharesTopics)('shares a topic between the subscribers of one group', async () => {
    const world = await openWorld(open);
    const seen: (string | null)[] = [];
    const members = [];
    for (let count = 0; count < 2; count += 1) {
      members.push(await world.subscribe({ handle: async (records) => void seen.push(...records.map(valueOf)) }));
    }
    const all = Array.from({ length: 60 }, (_, number) => record(`k${number}`, 0));
    await world.append(...all);
    await Promise.all(members.map((member) => member.idle()));
    expect(new Set(seen)).toEqual(new Set(all.map(({ key }) => `${key}0`)));
  });
}
