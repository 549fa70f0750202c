import { join } from 'node:path';
import { systemClock, systemIds } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { openSqliteLog } from './open.ts';
import { startChild } from './testing/child.ts';
import { KEEP, readAll, temporaryFolder, TOPIC } from './testing/open-in-folder.ts';

const KILLS = 12;

describe('a process that is killed while it appends and handles', () => {
  it('loses no acknowledged record, keeps their order, and leaves what was not handled to the next one', async () => {
    const file = join(await temporaryFolder(), 'log.db');
    const acknowledged = new Set<number>();
    const handled = new Set<number>();
    let next = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = startChild(new URL('testing/append-until-killed.ts', import.meta.url), file, String(next));
      await child.wrote(1 + ((kill * 149) % 400));
      child.process.kill('SIGKILL');
      await child.ended;
      expect(child.lines.length).toBeGreaterThan(0);
      for (const line of child.lines) (line.startsWith('a') ? acknowledged : handled).add(Number(line.slice(1)));
      next = Math.ceil((Math.max(next, ...acknowledged, ...handled) + 100) / 3) * 3;
    }
    const log = await openSqliteLog({ file, topics: [KEEP], clock: systemClock(), ids: systemIds() });
    const numbers = (await readAll(log)).map(({ value }) => Number(new TextDecoder().decode(value ?? undefined)));
    expect([...acknowledged].filter((number) => !numbers.includes(number))).toEqual([]);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    const subscription = await log.subscribe({
      group: 'group',
      topics: [TOPIC],
      maxInFlight: 4,
      maxBufferedRecords: 100,
      maxBufferedBytes: 1e6,
      handle: async ([record]) => void handled.add(Number(new TextDecoder().decode(record?.value ?? undefined))),
    });
    await subscription.idle();
    await log.close();
    expect(numbers.filter((number) => !handled.has(number))).toEqual([]);
  }, 240_000);
});
