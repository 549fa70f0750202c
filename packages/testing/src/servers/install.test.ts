import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { spawned } from '../spawned.ts';
import { tempFolder } from '../temp-folder.ts';
import type { Tool } from './description.ts';
import { installed } from './install.ts';

/** A tool whose installation is a line of JavaScript; it runs in the folder that it fills, beside which `log` tells of each run. */
const tool = (program: string): Tool => ({
  name: 'tool',
  version: '1.2.3',
  needs: 'a machine with node',
  installEnv: (folder) => ({ FILLED: folder }),
  install: () => [
    process.execPath,
    '-e',
    `const fs = require('node:fs'); fs.appendFileSync('../log', 'run\\n');
     const runs = fs.readFileSync('../log', 'utf8').split('\\n').length - 1; ${program}`,
  ],
});
const FILL = `fs.writeFileSync(process.env.FILLED + '/program', 'v1');`;
const runs = async (cache: string): Promise<number> =>
  existsSync(join(cache, 'log')) ? (await readFile(join(cache, 'log'), 'utf8')).split('\n').length - 1 : 0;
const quick = { pauseMs: 1, say: () => undefined };

describe('a tool', () => {
  it('is installed once, with a line that says so, and is at hand from then on', async () => {
    const cache = join(await tempFolder(), 'not', 'there', 'yet');
    const said: string[] = [];
    const folder = await installed(tool(FILL), { cache, say: (line) => said.push(line) });
    expect(folder).toBe(join(cache, 'tool-1.2.3'));
    expect(await readFile(join(folder, 'program'), 'utf8')).toBe('v1');
    expect(await installed(tool(FILL), { cache, say: (line) => said.push(line) })).toBe(folder);
    expect(said).toEqual([`Installing tool 1.2.3 into ${cache}, once; it can take two minutes.`]);
    expect(await runs(cache)).toBe(1);
    expect((await readdir(cache)).toSorted()).toEqual(['log', 'tool-1.2.3']);
  });

  it('is installed once by two processes that ask at the same time', async () => {
    const cache = await tempFolder();
    // The installation ends only when both have asked, so they do meet.
    const slow = tool(`${FILL} while (!(fs.existsSync('../asked-a') && fs.existsSync('../asked-b')));`);
    const program = join(cache, 'ask.mjs');
    await writeFile(
      program,
      `import { writeFileSync } from 'node:fs';
       import { installed } from ${JSON.stringify(fileURLToPath(new URL('./install.ts', import.meta.url)))};
       const [name, ...command] = process.argv.slice(2);
       writeFileSync(${JSON.stringify(cache)} + '/asked-' + name, '');
       const tool = { name: 'tool', version: '1.2.3', needs: '', install: () => command, installEnv: (FILLED) => ({ FILLED }) };
       console.log(await installed(tool, { cache: ${JSON.stringify(cache)} }));`,
    );
    const both = await Promise.all(
      ['a', 'b'].map((name) => spawned({ command: [program, name, ...slow.install('')] })),
    );
    for (const process of both) {
      expect(await process.exited).toEqual({ code: 0, signal: null });
      expect(process.stdout().trim()).toBe(join(cache, 'tool-1.2.3'));
    }
    expect(await runs(cache)).toBe(1);
    expect(both.filter((process) => process.stderr().includes('Installing'))).toHaveLength(1);
  });

  it('is tried again after a failure, into a folder of its own', async () => {
    const cache = await tempFolder();
    const said: string[] = [];
    const flaky = tool(
      `${FILL} if (runs < 3) { fs.writeFileSync('half', ''); console.error('no network'); process.exit(1); }`,
    );
    const folder = await installed(flaky, { cache, pauseMs: 1, say: (line) => said.push(line) });
    expect((await readdir(folder)).toSorted()).toEqual(['.complete', 'program']);
    expect(said.slice(1).map((line) => /attempt \d of 3.*no network/s.test(line))).toEqual([true, true]);
    expect((await readdir(cache)).toSorted()).toEqual(['log', 'tool-1.2.3']);
  });

  it('that a killed process left half done is installed as if nothing were there', async () => {
    const cache = await tempFolder();
    for (const left of ['tool-1.2.3', 'tool-1.2.3.part-abc']) {
      await mkdir(join(cache, left));
      await writeFile(join(cache, left, 'half'), '');
    }
    const folder = await installed(tool(FILL), { cache, ...quick });
    expect((await readdir(folder)).toSorted()).toEqual(['.complete', 'program']);
    expect((await readdir(cache)).toSorted()).toEqual(['log', 'tool-1.2.3']);
  });
});

describe('a tool that cannot be installed', () => {
  const broken = tool(`console.error('E404 not in this registry'); process.exit(1);`);

  it('says what went wrong, how often it was tried and what the machine must have', async () => {
    const cache = await tempFolder();
    const failed = installed(broken, { cache, ...quick });
    await expect(failed).rejects.toThrow(
      /tool 1\.2\.3 .*attempt 3 of 3.*E404 not in this registry.*takes a machine with node/s,
    );
    expect(await runs(cache)).toBe(3);
  });

  it('is not tried again by each test file of a run', async () => {
    const cache = await tempFolder();
    await expect(installed(broken, { cache, ...quick })).rejects.toThrow('E404');
    await expect(installed(broken, { cache, ...quick })).rejects.toThrow(
      /E404.*tried again 120 s after that, or when .*\.failed/s,
    );
    expect(await runs(cache)).toBe(3);
  });

  it('is tried again later, and a success is the end of it', async () => {
    const cache = await tempFolder();
    await expect(installed(broken, { cache, ...quick })).rejects.toThrow('E404');
    await installed(tool(FILL), { cache, ...quick, failureKeptMs: -1 });
    expect((await readdir(cache)).toSorted()).toEqual(['log', 'tool-1.2.3']);
  });

  it('is one whose client is not on the machine, too', async () => {
    const cache = await tempFolder();
    const lacking: Tool = { ...broken, install: () => ['/nowhere/npm'], needs: 'npm' };
    await expect(installed(lacking, { cache, ...quick })).rejects.toThrow(/\/nowhere\/npm: .*ENOENT.*takes npm/s);
  });

  it('is one that never ends, too', async () => {
    const cache = await tempFolder();
    const stuck = installed(tool('while (true);'), { cache, ...quick, attempts: 1, attemptLimitMs: 300 });
    await expect(stuck).rejects.toThrow('could not be installed');
  });
});
