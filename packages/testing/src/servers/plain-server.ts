import type { Invocation, Place, ServerDescription } from './description.ts';
import type { Route } from './launch.ts';

/** A server of one line, for the tests of what all servers share. It answers with the files of its folder, and with its environment. */
export const PLAIN: ServerDescription = {
  name: 'plain',
  version: '1.0.0',
  install: () => [],
  needs: 'nothing',
  program: () => [process.execPath],
  image: { name: 'plain:1.0.0', program: ['serve'] },
  isReady: (_place, output) => output.includes('listening'),
};

/** Runs a program that is given its port, address and folder. */
export const invokePlain =
  (program = SERVE) =>
  async ({ host, port, folder }: Place): Promise<Invocation> => ({
    args: ['-e', program, String(port), host, folder],
    env: { SECRET: 'not for the arguments' },
  });

export const SERVE = `
  const [port, host, folder] = process.argv.slice(1);
  const fs = require('node:fs');
  fs.writeFileSync(folder + '/start-' + process.pid, '');
  require('node:http')
    .createServer((request, response) => response.end(JSON.stringify({ files: fs.readdirSync(folder), env: process.env })))
    .listen(Number(port), host, () => console.log('listening'));`;

export const PLAIN_ROUTE: Route = {
  host: '127.0.0.1',
  command: (_place, { args }) => [process.execPath, ...args],
  kill: async (child) => void child.kill('SIGKILL'),
};

/** What a plain server says of itself. */
export async function askPlain(port: number): Promise<{ files: string[]; env: Record<string, string> }> {
  return (await (await fetch(`http://127.0.0.1:${port}/`)).json()) as { files: string[]; env: Record<string, string> };
}

/** The process ids of the starts that a plain server's folder tells of. */
export const pidsOf = (files: readonly string[]): readonly number[] =>
  files.filter((file) => file.startsWith('start-')).map((file) => Number(file.slice('start-'.length)));

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
