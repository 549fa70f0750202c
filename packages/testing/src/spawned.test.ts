import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort } from './free-port.ts';
import { spawned, type Spawned, type SpawnOptions } from './spawned.ts';
import { tempFolder } from './temp-folder.ts';
import { waitFor } from './wait-for.ts';

/** Starts a program of a few lines. */
const run = async (program: string, options: SpawnOptions = {}): Promise<Spawned> => {
  const file = join(await tempFolder(), 'program.mjs');
  await writeFile(file, program);
  return spawned({ ...options, command: [file] });
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

describe('a spawned process', () => {
  let previous = 0;

  it('ends when the test run that started it is killed', async () => {
    const child = join(await tempFolder(), 'child.mjs');
    await writeFile(child, 'setInterval(() => {}, 1000);');
    const parent = await run(`
      import { openSpawned } from ${JSON.stringify(new URL('./spawned.ts', import.meta.url).href)};
      const child = openSpawned({ command: [${JSON.stringify(child)}] });
      console.log('child', child.pid);
      setInterval(() => {}, 1000);`);
    const [, pid] = await parent.waitForOutput(/child (\d+)/);
    expect(isAlive(Number(pid))).toBe(true);
    await parent.stop('SIGKILL');
    await waitFor('the child is gone', () => !isAlive(Number(pid)));
  });

  it('is waited for by what it says, on either stream, and stopped by a signal', async () => {
    const process = await run(`
      process.on('SIGTERM', () => { console.log('bye'); process.exit(7); });
      setInterval(() => {}, 1000);
      console.error('listening on port 1234');`);
    const [, port] = await process.waitForOutput(/port (\d+)/);
    expect(port).toBe('1234');
    expect(await process.stop()).toEqual({ code: 7, signal: null });
    expect([process.stdout(), process.stderr()]).toEqual(['bye\n', 'listening on port 1234\n']);
  });

  it('is ready when its readiness says so, not before', async () => {
    const port = await freePort();
    const process = await run(
      `import { createServer } from 'node:http';
      let asked = 0;
      createServer((request, response) => {
        asked += 1;
        response.writeHead(asked < 3 ? 503 : 200).end(String(asked));
      }).listen(Number(process.env.PORT), '127.0.0.1');`,
      { env: { PORT: String(port) } },
    );
    await process.waitUntilReady(`http://127.0.0.1:${port}`);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('4');
    await process.stop('SIGKILL');
  });

  it('fails the wait with its output when it ends first', async () => {
    const process = await run(`console.log('cannot start'); process.exit(3);`);
    await expect(process.waitForOutput(/ready/)).rejects.toThrow(/ended \(\{"code":3.*\n.*\ncannot start/);
  });

  it('gets its environment from the test alone', async () => {
    const process = await run(`console.log(Object.keys(process.env).sort().join());`, { env: { PORT: '1' } });
    await process.exited;
    expect(process.stdout().trim().split(',')).toEqual(['HOME', 'PATH', 'PORT']);
  });

  it('reads what is written to it', async () => {
    const process = await run(`process.stdin.pipe(process.stdout);`);
    process.end('hello');
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(process.output()).toBe('hello');
  });

  it('that hangs is killed when its stop takes too long, and the test is told', async () => {
    const process = await run(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('up');`);
    await process.waitForOutput(/up/);
    await expect(process.stop('SIGTERM', { limitMs: 50 })).rejects.toThrow('the process ends after SIGTERM');
    expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is left running by this test', async () => {
    const process = await run(`setInterval(() => {}, 1000); console.log('up');`);
    await process.waitForOutput(/up/);
    previous = process.pid;
    expect(isAlive(previous)).toBe(true);
  });

  it('and ended with it all the same', () => {
    expect(previous).not.toBe(0);
    expect(isAlive(previous)).toBe(false);
  });
});
