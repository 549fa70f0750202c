import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock, systemIds } from '@voicemail/runtime';
import { describe, expect, it, onTestFinished, type TestContext } from 'vitest';
import { openSqliteLog } from './open.ts';
import { KEEP, readAll, temporaryFolder, TOPIC } from './testing/open-in-folder.ts';

const DISK_BYTES = 4 * 1024 * 1024;
const MOUNT = 'mount';
const UNMOUNT = 'umount';

/** A disk of a few MiB; where none can be mounted (not root, no rights) the test is skipped, saying so. */
async function smallDisk(context: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  const options = `size=${DISK_BYTES}`;
  const { status, stderr } = spawnSync(MOUNT, ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { encoding: 'utf8' });
  if (status !== 0) context.skip(`no tmpfs can be mounted here, so a full disk was not tried: ${stderr}`);
  onTestFinished(() => void spawnSync(UNMOUNT, ['-l', folder]));
  return folder;
}

const large = { topic: TOPIC, key: 'a', value: new Uint8Array(200_000).fill(1) };
const small = { topic: TOPIC, key: 'b', value: new Uint8Array(10) };

describe('a full disk', () => {
  it('is said, every append of the turn is refused, nothing acknowledged is lost, and room makes all well', async (context) => {
    const folder = await smallDisk(context);
    await writeFile(join(folder, 'ballast'), new Uint8Array(1_500_000));
    const file = join(folder, 'log.db');
    const open = () => openSqliteLog({ file, topics: [KEEP], clock: manualClock(0), ids: systemIds() });
    const log = await open();
    onTestFinished(() => log.close().catch(() => {}));
    let acknowledged = 0;
    const failure = await (async () => {
      for (;;) {
        await log.append([large]);
        acknowledged += 1;
      }
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'LogError', code: 'full', retryable: true });
    expect(acknowledged).toBeGreaterThan(2);
    const together = await Promise.allSettled([log.append([small]), log.append([large]), log.append([small])]);
    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(log.check()).rejects.toMatchObject({ code: 'full' });
    expect(await readAll(log)).toHaveLength(acknowledged);

    await rm(join(folder, 'ballast'));
    await log.check();
    await log.append([large, small]);
    expect((await readAll(log)).map(({ offset }) => offset)).toEqual(
      Array.from({ length: acknowledged + 2 }, (_, n) => n),
    );
    await log.close();
    const again = await open();
    expect(await readAll(again)).toHaveLength(acknowledged + 2);
    await again.close();
  });

  it('lets handlers go on, and commits their progress when there is room again', async (context) => {
    const folder = await smallDisk(context);
    const file = join(folder, 'log.db');
    const clock = manualClock(0);
    const log = await openSqliteLog({ file, topics: [KEEP], clock, ids: systemIds() });
    onTestFinished(() => log.close().catch(() => {}));
    for (let count = 0; count < 5; count += 1) await log.append([small]);
    const fill = new Uint8Array(DISK_BYTES);
    await writeFile(join(folder, 'ballast'), fill).catch(() => {});
    let handled = 0;
    const subscription = await log.subscribe({
      group: 'group',
      topics: [TOPIC],
      maxInFlight: 1,
      maxBufferedRecords: 10,
      maxBufferedBytes: 1_000,
      handle: async () => void (handled += 1),
    });
    const idle = await subscription.idle().catch((error: unknown) => error);
    expect(handled).toBe(5);
    await rm(join(folder, 'ballast'));
    if (idle !== undefined) expect(idle).toMatchObject({ code: 'full' });
    await subscription.idle();
    expect(await log.lag('group', [TOPIC])).toMatchObject([{ waiting: 0 }]);
  });
});
