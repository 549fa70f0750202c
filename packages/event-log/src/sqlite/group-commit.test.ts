import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemIds } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { openSqliteLog } from './open.ts';
import { KEEP, openLog, readAll, temporaryFolder, TOPIC, type OpenedLog } from './testing/open-in-folder.ts';

const OTHER = { ...KEEP, name: 'other' };
const COMMIT_DELAY_MS = 50;

/** Transactions in the write-ahead log: the frames that end one (https://www.sqlite.org/fileformat.html#walformat). */
async function transactions({ file }: OpenedLog): Promise<number> {
  const wal = await readFile(`${file}-wal`);
  const pageBytes = wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let count = 0;
  for (let frame = 32; frame + 24 <= wal.length; frame += 24 + pageBytes) {
    if (wal.readUInt32BE(frame + 4) > 0 && wal.subarray(frame + 8, frame + 16).equals(salt)) count += 1;
  }
  return count;
}

/** How many records the group has left, as a process would find it that starts after this one was killed now. */
async function waitingAfterKill(opened: OpenedLog, topic: string): Promise<number | undefined> {
  const file = join(await temporaryFolder(), 'log.db');
  for (const suffix of ['', '-wal']) await copyFile(opened.file + suffix, file + suffix);
  const log = await openSqliteLog({ file, topics: [KEEP, OTHER], clock: opened.clock, ids: systemIds() });
  const [lag] = await log.lag('group', [topic]);
  await log.close();
  return lag?.waiting;
}

async function handleOne(opened: OpenedLog): Promise<void> {
  const handled = Promise.withResolvers<void>();
  await opened.log.subscribe({
    group: 'group',
    topics: [TOPIC],
    maxInFlight: 1,
    maxBufferedRecords: 1,
    maxBufferedBytes: 1,
    handle: async () => handled.resolve(),
  });
  await opened.log.append([{ topic: TOPIC, key: 'a', value: null }]);
  await handled.promise;
}

describe('writing in groups', () => {
  it('makes one transaction of the appends of one turn of the event loop', async () => {
    const opened = await openLog([KEEP, OTHER]);
    const before = await transactions(opened);
    const calls = Array.from({ length: 100 }, (_, number) =>
      opened.log.append([{ topic: number % 2 === 0 ? TOPIC : 'other', key: `k${number}`, value: new Uint8Array(10) }]),
    );
    const positions = await Promise.all(calls);
    expect((await transactions(opened)) - before).toBe(1);
    expect(positions.map(([position]) => position?.offset)).toEqual(
      Array.from({ length: 100 }, (_, number) => Math.floor(number / 2)),
    );
  });

  it('writes the offsets of finished records with the next append', async () => {
    const opened = await openLog([KEEP, OTHER]);
    await handleOne(opened);
    const before = await transactions(opened);
    await opened.log.append([{ topic: 'other', key: 'a', value: null }]);
    expect((await transactions(opened)) - before).toBe(1);
    expect(await waitingAfterKill(opened, TOPIC)).toBe(0);
  });

  it('writes them by themselves when no append comes within the delay', async () => {
    const opened = await openLog([KEEP, OTHER], { commitDelayMs: COMMIT_DELAY_MS });
    await handleOne(opened);
    await opened.clock.advance(COMMIT_DELAY_MS - 1);
    expect(await waitingAfterKill(opened, TOPIC)).toBe(1);
    await opened.clock.advance(1);
    expect(await waitingAfterKill(opened, TOPIC)).toBe(0);
  });

  it('acknowledges what was appended before it was closed, and writes what was finished', async () => {
    const opened = await openLog([KEEP, OTHER]);
    await handleOne(opened);
    const appending = opened.log.append([{ topic: 'other', key: 'a', value: null }]);
    await opened.log.close();
    await expect(appending).resolves.toHaveLength(1);
    await opened.reopen();
    expect(await readAll(opened.log, 'other')).toHaveLength(1);
    expect(await opened.log.lag('group', [TOPIC])).toMatchObject([{ waiting: 0 }]);
  });

  it('keeps the records of one call together, and in their order, however large it is', async () => {
    const opened = await openLog([KEEP], { segmentBytes: 1_000 });
    const many = Array.from({ length: 5_000 }, (_, number) => ({
      topic: TOPIC,
      key: `${number}`,
      value: new Uint8Array(9),
    }));
    const positions = await opened.log.append(many);
    expect(positions.map(({ offset }) => offset)).toEqual(many.map((_, number) => number));
    expect((await readAll(opened.log)).map(({ key }) => key)).toEqual(many.map(({ key }) => key));
  });
});
