import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteLog } from '@voicemail/event-log';
import { openFileSystemStore } from '@voicemail/object-store';
import { createLogger, manualClock, systemIds } from '@voicemail/runtime';
import { tempFolder, waitFor } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { LOG_CLEAN_EVERY_MS, startMaintenance, STORE_SWEEP_EVERY_MS } from './maintenance.ts';

const START = Date.parse('2026-03-02T10:00:00Z');
const DAY_MS = 86_400_000;

it('trims the log and sweeps the stores, again and again, until it is stopped', async () => {
  const folder = await tempFolder();
  const [clock, ids] = [manualClock(START), systemIds()];
  const topics = [{ name: 'short', cleanup: { kind: 'delete', retentionMs: 60_000 } }] as const;
  await using closing = new AsyncDisposableStack();
  const log = await openSqliteLog({ file: join(folder, 'log.sqlite'), topics, clock, ids });
  closing.defer(() => log.close());
  const volume = await openFileSystemStore({ root: join(folder, 'store'), region: 'westus2', clock, ids });
  await volume.check();
  const logger = createLogger({ level: 'silent', name: 'test' });
  const sweep = async (signal: AbortSignal) => ({ ...(await volume.sweep(signal)) });
  const opened = [{ region: 'westus2', store: volume, sweep, close: async () => undefined }];
  const stores = { opened: () => opened };
  const maintenance = startMaintenance({ log, stores, clock, logger });

  const temporaries = join(folder, 'store', '.tmp');
  for (const round of ['first', 'second']) {
    await log.append([{ topic: 'short', key: null, value: Buffer.from('x') }]);
    await writeFile(join(temporaries, `${START - DAY_MS}-left`), 'half');
    await waitFor(`what is left is gone for the ${round} time`, async () => {
      await clock.advance(Math.max(LOG_CLEAN_EVERY_MS, STORE_SWEEP_EVERY_MS));
      const records = await Array.fromAsync(log.read('short'));
      return records.length === 0 && (await readdir(temporaries)).length === 0;
    });
  }
  await maintenance.stop();
  await log.append([{ topic: 'short', key: null, value: Buffer.from('x') }]);
  await clock.advance(STORE_SWEEP_EVERY_MS);
  expect(await Array.fromAsync(log.read('short'))).toHaveLength(1);
});
