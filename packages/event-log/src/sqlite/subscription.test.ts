import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';
import { LogFile } from './log-file.ts';
import { SqliteSubscription } from './subscription.ts';
import { KEEP, openLog, temporaryFolder, TOPIC } from './testing/open-in-folder.ts';
import { TopicStore } from './topic-store.ts';

const BOUNDS = { group: 'group', topics: [TOPIC], maxInFlight: 10, maxBufferedRecords: 100, maxBufferedBytes: 1_000 };

describe('a subscription', () => {
  it('has no more bytes in its handlers than it may, but for a record that is larger alone', async () => {
    const { log } = await openLog();
    const sizes = [400, 400, 400, 2_000, 100, 900, 999, 10];
    await log.append(sizes.map((size) => ({ topic: TOPIC, key: null, value: new Uint8Array(size) })));
    let bytes = 0;
    let running = 0;
    let most = 0;
    const subscription = await log.subscribe({
      ...BOUNDS,
      handle: async ([record]) => {
        const size = record?.value?.byteLength ?? 0;
        bytes += size;
        running += 1;
        most = Math.max(most, running);
        expect(bytes <= BOUNDS.maxBufferedBytes || running === 1).toBe(true);
        await new Promise((resolve) => setImmediate(resolve));
        bytes -= size;
        running -= 1;
      },
    });
    await subscription.idle();
    expect(most).toBeGreaterThan(1);
  });

  it('refuses bounds that would let nothing through', async () => {
    const { log } = await openLog();
    for (const bound of ['maxInFlight', 'maxBatch', 'maxBufferedRecords', 'maxBufferedBytes']) {
      await expect(log.subscribe({ ...BOUNDS, [bound]: 0, handle: async () => {} })).rejects.toThrow(bound);
    }
    await expect(log.subscribe({ ...BOUNDS, topics: [], handle: async () => {} })).rejects.toThrow(RangeError);
  });

  it('says that the file cannot be read, and tries again after a pause', async () => {
    const clock = manualClock(0);
    const file = await LogFile.open(join(await temporaryFolder(), 'log.db'));
    const store = new TopicStore(file, 1, KEEP, 1_000);
    file.transaction(() => store.begin());
    store.reload();
    const commit = new GroupCommit({ file, stores: [store], clock, commitDelayMs: 1, appended: () => {} });
    await commit.append({
      records: [{ store, record: { topic: TOPIC, key: 'a', value: null }, headers: null, bytes: 1 }],
      bytes: 1,
    });
    const told: [unknown, number, number][] = [];
    const subscription = new SqliteSubscription({
      options: {
        ...BOUNDS,
        handle: async () => {},
        onFailure: (error, records, attempt) => void told.push([error, records.length, attempt]),
      },
      stores: [store],
      commit,
      clock,
      ids: { random: () => 0.5 },
      holding: null,
      released: () => {},
    });
    file.exec(`ALTER TABLE segment_1 RENAME TO hidden`);
    await clock.advance(1_000);
    expect(told.length).toBeGreaterThan(1);
    expect(told[0]).toMatchObject([{ name: 'LogError' }, 0, 1]);
    expect(told[1]?.[2]).toBe(2);
    file.exec(`ALTER TABLE hidden RENAME TO segment_1`);
    const idle = subscription.idle();
    await clock.advance(10_000);
    await idle;
    file.close();
  });
});

describe('the file of a log', () => {
  it('is set to lose nothing and to leave nothing behind', async () => {
    const file = await LogFile.open(join(await temporaryFolder(), 'log.db'));
    const settings = ['journal_mode', 'synchronous', 'secure_delete', 'locking_mode', 'auto_vacuum', 'temp_store'];
    expect(settings.map((name) => file.all(`PRAGMA ${name}`)[0]?.[name])).toEqual(['wal', 2, 1, 'exclusive', 2, 2]);
    file.close();
  });
});
