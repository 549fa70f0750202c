import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLogContract, type LogUnderTestOptions } from '../contract-suite.ts';
import { openSqliteLog } from './open.ts';

const capabilities = {
  sharesTopics: false,
  passesOverBusyKeys: true,
  stampsByClock: true,
  cleansAtOnce: true,
};

eventLogContract('sqlite', (options) => openInFolder(options, {}), capabilities);
// Every few records a new segment: what holds for one table must hold across many.
eventLogContract('sqlite in small segments', (options) => openInFolder(options, { segmentBytes: 8 }), capabilities);

async function openInFolder(
  options: LogUnderTestOptions,
  more: { readonly segmentBytes?: number },
): ReturnType<Parameters<typeof eventLogContract>[1]> {
  const folder = await mkdtemp(join(tmpdir(), 'voicemail-log-'));
  const open = () => openSqliteLog({ ...options, ...more, file: join(folder, 'log.db') });
  const first = await open();
  let current = first;
  return {
    log: first,
    reopen: async () => {
      await current.close();
      current = await open();
      return current;
    },
    dispose: async () => {
      await current.close();
      await rm(folder, { recursive: true });
    },
  };
}
