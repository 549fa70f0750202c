import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tempFolder } from '../temp-folder.ts';
import { hasImage } from './container-engine.ts';
import { httpStatus } from './http-status.ts';
import { findRoute, launch } from './launch.ts';
import { askPlain, PLAIN } from './plain-server.ts';

/** Puts a stand-in for the engine's client first on the path. It keeps each command line, and runs what is told for it. */
async function standIn(program: string): Promise<() => Promise<string[][]>> {
  const folder = await tempFolder();
  const file = join(folder, 'docker');
  await writeFile(
    file,
    `#!${process.execPath}
     const fs = require('node:fs');
     const folder = ${JSON.stringify(folder)};
     const [command, ...rest] = process.argv.slice(2);
     fs.appendFileSync(folder + '/log', JSON.stringify([command, ...rest]) + '\\n');
     ${program}`,
  );
  await chmod(file, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH']}`);
  return async () =>
    (await readFile(join(folder, 'log'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as string[]);
}
/** Serves on the published port, as a container would, until it is killed by its name. */
const ENGINE = `
  const pidFile = (name) => folder + '/' + name + '.pid';
  if (command === 'image') process.exit(1);
  if (command === 'kill') process.kill(Number(fs.readFileSync(pidFile(rest[0]), 'utf8')), 'SIGKILL');
  if (command === 'run') {
    const after = (flag) => rest[rest.indexOf(flag) + 1];
    fs.writeFileSync(pidFile(after('--name')), String(process.pid));
    process.on('exit', () => fs.rmSync(pidFile(after('--name'))));
    process.on('SIGTERM', () => process.exit(0));
    require('node:http')
      .createServer((request, response) => response.end(JSON.stringify({ files: [], env: process.env })))
      .listen(Number(after('--publish').split(':')[1]), '127.0.0.1', () => console.log('listening'));
  }`;

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('where a container engine runs', () => {
  it('a server is its image: fetched once, published on loopback, its secrets out of the command line', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const commands = await standIn(ENGINE);
    await using server = await launch(PLAIN, await findRoute(PLAIN), async ({ host, port }) => ({
      args: [`--listen=${host}:${port}`],
      env: { SECRET: 'not for the arguments' },
    }));
    expect((await askPlain(server.port)).env['SECRET']).toBe('not for the arguments');
    const { port, folder } = server;
    const user = `${process.getuid?.()}:${process.getgid?.()}`;
    const run = ['run', '--rm', '--name', `voicemail-test-${port}`, '--user', user];
    const place = ['--publish', `127.0.0.1:${port}:${port}`, '--volume', `${folder}:${folder}`, '--env', 'SECRET'];
    expect(await commands()).toEqual([
      ['info'],
      ['image', 'inspect', 'plain:1.0.0'],
      ['pull', '--quiet', 'plain:1.0.0'],
      [...run, ...place, 'plain:1.0.0', 'serve', `--listen=0.0.0.0:${port}`],
    ]);
  });

  it('the server inside is killed, not only the client that waits for it', async () => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const commands = await standIn(ENGINE);
    await using server = await launch(PLAIN, await findRoute(PLAIN), async () => ({ args: [] }));
    await server.kill();
    expect(await httpStatus(server.port)).toBeUndefined();
    expect((await commands()).at(-1)).toEqual(['kill', `voicemail-test-${server.port}`]);
  });
});

describe('an engine', () => {
  it.each([
    ['has no image and cannot fetch it', `process.exit(command === 'info' ? 0 : 1);`],
    ['does not run behind its client', 'process.exit(1);'],
  ])('that %s is passed over', async (_what, program) => {
    vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await standIn(program);
    expect(await hasImage(PLAIN)).toBe(false);
  });

  it('that does not answer is passed over, soon', async () => {
    await standIn('setInterval(() => undefined, 1_000);');
    expect(await hasImage(PLAIN)).toBe(false);
  });

  it('that is not there is passed over', async () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(await hasImage(PLAIN)).toBe(false);
  });
});
