import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { spawned } from '../spawned.ts';
import { tempFolder } from '../temp-folder.ts';

const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
const module = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));

/** Runs a test file of a few lines in a vitest of its own. Gives its exit code and what it said. */
async function run(
  lines: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; said: string }> {
  const folder = await tempFolder();
  await writeFile(
    join(folder, 'some.test.ts'),
    `import { whenAvailable } from ${module('./when-available.ts')};
     import { httpStatus } from ${module('./http-status.ts')};
     import { launch } from ${module('./launch.ts')};
     import { invokePlain, PLAIN, PLAIN_ROUTE } from ${module('./plain-server.ts')};
     ${lines}`,
  );
  const process = await spawned({
    command: [VITEST, 'run', '--globals', '--root', folder, '--reporter=verbose'],
    cwd: folder,
    env: { NO_COLOR: '1', ...env },
  });
  const { code } = await process.exited;
  return { code, said: process.output() };
}

const MISSING = `
  const missing = { available: false, name: 'plain 1.0.0', why: 'It could not be installed.\\nIt takes npm.' };
  whenAvailable(missing, 'the store', () => { it('works', () => { throw new Error('must not run'); }); });
  it('another test', () => undefined);`;

describe('cases that need a server which cannot be had', () => {
  it('are left out aloud: a skipped test says what is missing and how to get it', async () => {
    const { code, said } = await run(MISSING);
    expect(code).toBe(0);
    expect(said).toContain('Tests cannot run: plain 1.0.0 is missing. It could not be installed.\nIt takes npm.');
    expect(said).toMatch(
      /↓ .*the store \(plain 1\.0\.0\) > needs plain 1\.0\.0: It could not be installed\. It takes npm\./,
    );
    expect(said).toMatch(/Tests +1 passed \| 1 skipped/);
  });

  it('fail where CI is set, and the failure says the same', async () => {
    const { code, said } = await run(MISSING, { CI: 'true' });
    expect(code).toBe(1);
    expect(said).toMatch(/× .*needs plain 1\.0\.0/);
    expect(said).toContain('where CI is set nothing may be left out: plain 1.0.0 is missing.');
    expect(said).toMatch(/Tests +1 failed \| 1 passed/);
  });
});

describe('cases whose server can be had', () => {
  it('run with servers that they start, which are stopped when all are over', async () => {
    const { code, said } = await run(`
      const plain = { available: true, name: 'plain 1.0.0', start: () => launch(PLAIN, PLAIN_ROUTE, invokePlain()) };
      let server;
      whenAvailable(plain, 'the store', (start) => {
        beforeAll(async () => { server = await start(); });
        it('is there for a case', async () => expect(await httpStatus(server.port)).toBe(200));
        it('and for the next', async () => expect(await httpStatus(server.port)).toBe(200));
      });
      it('is gone afterwards', async () => expect(await httpStatus(server.port)).toBeUndefined());`);
    expect(said).toMatch(/Tests +3 passed/);
    expect(code).toBe(0);
  });
});
