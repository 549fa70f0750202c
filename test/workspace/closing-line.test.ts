import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@voicemail/testing';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Runs the given test files with the project's reporter. Gives the last line that the run prints. */
async function lastLine(files: Readonly<Record<string, string>>): Promise<string | undefined> {
  const folder = await tempFolder();
  const reporter = JSON.stringify(join(ROOT, 'test/workspace/closing-line.ts'));
  const config = `import { ClosingLine } from ${reporter};
    export default { test: { globals: true, reporters: ['default', new ClosingLine()] } };`;
  for (const [name, code] of Object.entries({ ...files, 'vitest.config.ts': config })) {
    await writeFile(join(folder, name), code);
  }
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [vitest, 'run', '--root', folder], { env: { PATH: process.env['PATH'] } }, (_, stdout) =>
      resolve(stdout),
    );
  });
  return output.trimEnd().split('\n').at(-1);
}

it('closes a run with how many tests passed, failed and were skipped', async () => {
  const two = `test('one', () => {}); test('two', () => {});`;
  const bad = `test('bad', () => { expect(1).toBe(2); }); test['skip']('later', () => {}); test['todo']('some day');`;
  expect(await lastLine({ 'two.test.ts': two })).toBe('2 passed, 0 failed');
  expect(await lastLine({ 'two.test.ts': two, 'bad.test.ts': bad })).toBe('2 passed, 1 failed, 2 skipped');
});

it('counts as failures what is no test: a file that cannot be loaded, a hook, an error outside of tests', async () => {
  expect(await lastLine({ 'broken.test.ts': `import './missing.ts';` })).toBe('0 passed, 1 failed');
  const hook = `describe('x', () => { beforeAll(() => { throw new Error('hook'); }); test('never', () => {}); });`;
  expect(await lastLine({ 'hook.test.ts': hook })).toMatch(/^0 passed, 1 failed/);
  const stray = `test('fine', async () => { void Promise.reject(new Error('stray')); await new Promise((r) => setTimeout(r, 50)); });`;
  expect(await lastLine({ 'stray.test.ts': stray })).toBe('1 passed, 1 failed');
});
