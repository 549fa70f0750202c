import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterTest } from './after-test.ts';

/** A folder of one's own; `await using` removes it, or `beforeAll` and `afterAll` do. */
export interface TempFolder extends AsyncDisposable {
  readonly path: string;
}

export async function openTempFolder(): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'voicemail-')));
  // A process that was just killed may still be ending; its last file can come between listing and removing.
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** The path of an empty folder that goes with the test. */
export async function tempFolder(): Promise<string> {
  const folder = await openTempFolder();
  await afterTest(() => folder[Symbol.asyncDispose]());
  return folder.path;
}
