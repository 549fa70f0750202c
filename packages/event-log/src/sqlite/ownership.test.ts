import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { manualClock, systemIds } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { openSqliteLog } from './open.ts';
import { startChild } from './testing/child.ts';
import { KEEP, openLog, readAll, temporaryFolder, TOPIC } from './testing/open-in-folder.ts';

const options = { topics: [KEEP], clock: manualClock(0), ids: systemIds() };

describe('the file of the embedded log', () => {
  it('belongs to one process: a second one is told so', async () => {
    const { file } = await openLog();
    const second = startChild(new URL('testing/hold-open.ts', import.meta.url), file);
    await second.wrote(1);
    expect(second.lines[0]).toMatch(/^in-use .*another process owns the folder/);
  });

  it('is refused while another process has it, and free once that one was killed', async () => {
    const file = join(await temporaryFolder(), 'log.db');
    const first = startChild(new URL('testing/hold-open.ts', import.meta.url), file);
    await first.wrote(1);
    expect(first.lines).toEqual(['open']);
    await expect(openSqliteLog({ ...options, file })).rejects.toMatchObject({ name: 'LogError', code: 'in-use' });
    first.process.kill('SIGKILL');
    await first.ended;
    await (await openSqliteLog({ ...options, file })).close();
  });

  it('is refused to a second opener in the same process, and the first keeps it', async () => {
    const { file, log } = await openLog();
    await expect(openSqliteLog({ ...options, file })).rejects.toMatchObject({ code: 'in-use' });
    await log.append([{ topic: TOPIC, key: 'a', value: null }]);
    const other = startChild(new URL('testing/hold-open.ts', import.meta.url), file);
    await other.wrote(1);
    expect(other.lines[0]).toMatch(/^in-use/);
  });

  it('is refused when a later version wrote it, saying which versions', async () => {
    const { file, log } = await openLog();
    await log.close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 7');
    database.close();
    const opening = openSqliteLog({ ...options, file });
    await expect(opening).rejects.toMatchObject({ code: 'incompatible', retryable: false });
    await expect(opening).rejects.toThrow(/later version \(schema 7, this one knows 1\)/);
  });

  it('is refused when it is something else', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'text'),
      'this is no database at all, but long enough to look at its header'.repeat(99),
    );
    await expect(openSqliteLog({ ...options, file: join(folder, 'text') })).rejects.toMatchObject({
      code: 'incompatible',
    });
    const other = new DatabaseSync(join(folder, 'other.db'));
    other.exec('CREATE TABLE theirs (a)');
    other.close();
    await expect(openSqliteLog({ ...options, file: join(folder, 'other.db') })).rejects.toMatchObject({
      code: 'incompatible',
    });
  });

  it('is not made in a folder that is not there', async () => {
    const file = join(await temporaryFolder(), 'missing', 'log.db');
    await expect(openSqliteLog({ ...options, file })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('can be read by its owner alone', async () => {
    const { file } = await openLog();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(`${file}-wal`)).mode & 0o777).toBe(0o600);
  });

  it('gets new topics when it is opened with them, and keeps those that are not named any more', async () => {
    const first = await openLog();
    await first.log.append([{ topic: TOPIC, key: 'a', value: null }]);
    await first.log.close();
    const added = { ...KEEP, name: 'added' };
    const without = await openSqliteLog({ ...options, file: first.file, topics: [added] });
    await without.append([{ topic: 'added', key: 'a', value: null }]);
    await expect(without.append([{ topic: TOPIC, key: 'a', value: null }])).rejects.toMatchObject({
      code: 'unknown-topic',
    });
    await without.close();
    await first.reopen();
    expect(await readAll(first.log)).toHaveLength(1);
  });

  it('refuses a topic that is named twice', async () => {
    const file = join(await temporaryFolder(), 'log.db');
    await expect(openSqliteLog({ ...options, file, topics: [KEEP, KEEP] })).rejects.toThrow(RangeError);
  });
});
