import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterTest } from './after-test.ts';
import { isCi } from './long-form.ts';
import { openTempFolder } from './temp-folder.ts';

const run = promisify(execFile);

/**
 * The path of a small file system of its own, which can be filled to the last byte; it goes with the test. Mounting takes root:
 * where it is refused, a test is told `undefined` and the reader of its output why, except where `CI` is set: there it fails.
 */
export async function tmpfs({ sizeBytes }: { readonly sizeBytes: number }): Promise<string | undefined> {
  const folder = await openTempFolder();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'voicemail-test', folder.path]);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    const why = `No small file system could be mounted: ${error instanceof Error ? error.message : String(error)}`;
    if (isCi()) throw new Error(why, { cause: error });
    process.stderr.write(`\n${why}\nA test that fills a disk is left out. It needs root.\n`);
    return undefined;
  }
  await afterTest(async () => {
    // Lazily: a process that is still ending may hold a file open.
    await run('umount', ['--lazy', folder.path]);
    await folder[Symbol.asyncDispose]();
  });
  return folder.path;
}
