import { expect, it } from 'vitest';
import { LogError } from '../log-error.ts';
import { bytes, MAX_RECORD_BYTES, openWorld, readAll, record, sorted, valueOf } from './world.ts';
import type { LogCapabilities, OpenLogUnderTest } from './world.ts';

export function appendingContract(open: OpenLogUnderTest, capabilities: LogCapabilities): void {
  it('gives back what was appended: key, value, headers, and where it is', async () => {
    const world = await openWorld(open);
    const all = [
      { key: 'a', value: bytes('plain'), headers: { 'content-type': 'text/plain', 'ce-title': 'Grüße ✓' } },
      { key: 'b', value: new Uint8Array([0, 255, 128, 0]) },
      { key: 'c', value: null },
      { key: 'd', value: new Uint8Array(0) },
      { key: null, value: bytes('without a key') },
    ];
    const positions = await world.log.append(all.map((one) => ({ topic: world.topic(), ...one })));
    const records = await readAll(world);
    for (const [index, one] of all.entries()) {
      const position = positions[index];
      const found = records.find(
        ({ partition, offset }) => partition === position?.partition && offset === position.offset,
      );
      expect(found).toMatchObject({ topic: world.topic(), key: one.key, headers: one.headers ?? {} });
      expect(found?.value === null ? null : [...(found?.value ?? [])]).toEqual(
        one.value === null ? null : [...one.value],
      );
    }
    expect(records).toHaveLength(all.length);
  });

  it('gives offsets that grow within a partition, across calls and reopenings', async () => {
    const world = await openWorld(open);
    const positions = [];
    for (let round = 0; round < 3; round += 1) {
      const batch = [0, 1, 2, 3].map((number) => ({ topic: world.topic(), ...record(`k${number}`, round) }));
      positions.push(...(await world.log.append(batch)), ...(await world.log.append(batch)));
      await world.reopen();
    }
    const last = new Map<number, number>();
    for (const { partition, offset } of positions) {
      expect(offset).toBeGreaterThan(last.get(partition) ?? -1);
      last.set(partition, offset);
    }
    expect(await readAll(world)).toHaveLength(positions.length);
  });

  it('keeps what was acknowledged when it is opened again', async () => {
    const world = await openWorld(open);
    await Promise.all([1, 2, 3].map((number) => world.append(record('a', number))));
    await world.reopen();
    expect(sorted((await readAll(world)).map(valueOf))).toEqual(['a1', 'a2', 'a3']);
  });

  it('says when the log took a record', async () => {
    const world = await openWorld(open);
    const toleranceMs = capabilities.stampsByClock ? 0 : 60_000;
    await world.append(record('a', 1));
    const [taken] = await readAll(world);
    expect(Math.abs((taken?.appendedAt ?? 0) - world.clock.now())).toBeLessThanOrEqual(toleranceMs);
  });

  it('refuses a topic that it does not have', async () => {
    const world = await openWorld(open);
    const error = await world.append({ topic: `${world.topic()}-not` }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LogError);
    expect(error).toMatchObject({ code: 'unknown-topic', retryable: false });
  });

  it('refuses a record that is too large, and takes the ones beside it', async () => {
    const world = await openWorld(open);
    const large = world.append({ key: 'a', value: new Uint8Array(MAX_RECORD_BYTES + 1) });
    const small = world.append(record('a', 1));
    await expect(large).rejects.toMatchObject({ name: 'LogError', code: 'too-large', retryable: false });
    await small;
    expect((await readAll(world)).map(valueOf)).toEqual(['a1']);
  });

  it('reads to the end as it was at the call, and not what came after', async () => {
    const world = await openWorld(open);
    for (let number = 1; number <= 10; number += 1) await world.append(record('a', number));
    const seen: (string | null)[] = [];
    for await (const one of world.log.read(world.topic())) {
      seen.push(valueOf(one));
      await world.append(record('a', 99));
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => `a${number}`));
  });

  it('reads from an offset on', async () => {
    const world = await openWorld(open);
    const positions = await world.log.append([1, 2, 3].map((n) => ({ topic: world.topic(), ...record('a', n) })));
    expect((await readAll(world, world.topic(), positions[1]?.offset)).map(valueOf)).toEqual(['a2', 'a3']);
  });

  it('reads the records of a key in the order in which they were appended', async () => {
    const world = await openWorld(open);
    const numbers = Array.from({ length: 200 }, (_, number) => number);
    await Promise.all(numbers.map((number) => world.append(record(number % 2 === 0 ? 'a' : 'b', number))));
    const records = await readAll(world);
    for (const key of ['a', 'b']) {
      const values = records.filter((one) => one.key === key).map(valueOf);
      expect(values).toEqual(numbers.filter((n) => (n % 2 === 0) === (key === 'a')).map((n) => `${key}${n}`));
    }
  });

  it('says that it can take and give records, and after closing that it is closed', async () => {
    const world = await openWorld(open);
    await expect(world.log.check()).resolves.toBeUndefined();
    await world.log.close();
    await expect(world.log.check()).rejects.toMatchObject({ code: 'closed' });
    await expect(world.append(record('a', 1))).rejects.toMatchObject({ code: 'closed' });
    await expect(world.subscribe({ handle: async () => {} })).rejects.toMatchObject({ code: 'closed' });
    await world.log.close();
  });
}
