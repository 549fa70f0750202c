import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { spawned, type Spawned } from '../spawned.ts';
import { tempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { httpStatus } from './http-status.ts';

const module = (name: string): string => JSON.stringify(fileURLToPath(new URL(name, import.meta.url)));

/** A process that has started a server, and says the server's port. */
async function parent(
  then: string,
  program = 'SERVE',
): Promise<{ process: Spawned; port: number; left: () => Promise<readonly string[]> }> {
  const folder = await tempFolder();
  const file = join(folder, 'parent.mjs');
  await writeFile(
    file,
    `import { writeFileSync } from 'node:fs';
     import { launch } from ${module('./launch.ts')};
     import { invokePlain, PLAIN, PLAIN_ROUTE, SERVE } from ${module('./plain-server.ts')};
     const server = await launch(PLAIN, PLAIN_ROUTE, invokePlain(${program}));
     writeFileSync(\`\${server.folder}/kept\`, '');
     console.log('port', server.port);
     ${then}`,
  );
  const process = await spawned({ command: [file], env: { TMPDIR: folder } });
  const [, port] = await process.waitForOutput(/port (\d+)/);
  const left = async (): Promise<readonly string[]> =>
    (await readdir(folder)).filter((name) => name.startsWith('voicemail-'));
  return { process, port: Number(port), left };
}
/** A process that has ended may be listed until the machine takes note, but it listens no more. */
const gone = (port: number): Promise<unknown> =>
  waitFor('the server is gone', async () => (await httpStatus(port)) === undefined);

describe('a server', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('ends when its test process dies of %s', async (signal) => {
    const { process, port } = await parent('setInterval(() => undefined, 1_000);');
    expect(await httpStatus(port)).toBe(200);
    process.signal(signal);
    await process.exited;
    expect(await gone(port)).toBe(true);
  });

  it('ends when its test process exits without a word', async () => {
    const { process, port } = await parent('process.exit(1);');
    await process.exited;
    expect(await gone(port)).toBe(true);
  });

  it('ends even when it does not mind being asked to', async () => {
    const { process, port } = await parent('', `"process.on('SIGTERM', () => undefined);" + SERVE`);
    process.signal('SIGKILL');
    expect(await gone(port)).toBe(true);
  });

  it('leaves nothing of what it kept when its test process dies', async () => {
    const { process, left } = await parent('setInterval(() => undefined, 1_000);');
    expect(await left()).toHaveLength(1);
    process.signal('SIGKILL');
    await waitFor('its folder is gone', left, (names) => names.length === 0);
  });

  it('that was stopped keeps its test process from ending no longer', async () => {
    const { process } = await parent('await server.stop();');
    expect(await process.exited).toEqual({ code: 0, signal: null });
  });
});
