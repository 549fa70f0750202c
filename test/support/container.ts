import { spawn } from 'node:child_process';
import { constants, copyFile, lstat, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterTest, type Exit } from '@voicemail/testing';
import type { Image } from './image.ts';

/** Something that lies over a place in a container's root. */
export interface Mount {
  /** A folder or a file of this machine; null is an empty file system in memory. */
  readonly source: string | null;
  readonly target: string;
  readonly isReadOnly: boolean;
}

export interface ContainerOptions {
  readonly command: readonly string[];
  /** Beside the image's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
}

/** A process that sees an image's files alone, of which it can change none, as the image's user. */
export interface Container {
  /** Both streams in the order of arrival. */
  output(): string;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

/** Of this machine: what Node is linked with. */
const LIBRARIES = ['/lib', '/lib64', '/usr/lib'];
const PROGRAMS = ['/bin/sh', '/bin/cat'];

/** Adds to an image's files what its base image would bring: a shell, Node and its libraries, and names of hosts that lead nowhere else. */
export async function addBase({ root }: Image, hosts: readonly string[]): Promise<readonly Mount[]> {
  const mounts = ['/dev', '/proc', ...(await existing(LIBRARIES))].map((source) => ({ source, target: source }));
  for (const folder of [...mounts.map(({ target }) => target), '/bin', '/etc', '/tmp', '/usr/local/bin']) {
    await mkdir(join(root, folder), { recursive: true });
  }
  for (const program of PROGRAMS) await copyFile(program, join(root, program), constants.COPYFILE_FICLONE);
  await writeFile(join(root, 'etc/hosts'), `127.0.0.1 localhost ${hosts.join(' ')}\n`);
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files\n');
  await writeFile(join(root, 'usr/local/bin/node'), '');
  const node = { source: process.execPath, target: '/usr/local/bin/node' };
  return [...mounts, node].map((mount) => ({ ...mount, isReadOnly: true }));
}

/** Starts one; it is killed, at the latest, when the test is over. Its places of mounts are made in the image's root where they are not there. */
export async function startContainer(image: Image, { command, env, mounts }: ContainerOptions): Promise<Container> {
  const steps = [bind(image.root, image.root)];
  for (const { source, target, isReadOnly } of mounts) {
    const place = join(image.root, target);
    if (source === null || (await stat(source)).isDirectory()) await mkdir(place, { recursive: true });
    steps.push(source === null ? `mount -t tmpfs -o mode=1777 none '${place}'` : bind(source, place));
    if (isReadOnly) steps.push(readOnly(place));
  }
  steps.push(readOnly(image.root));
  const inside = [
    'setpriv',
    '--no-new-privs',
    'chroot',
    '--groups=',
    `--userspec=${image.user}`,
    image.root,
    ...command,
  ];
  // One program becomes the next, so that signals reach the last one.
  const script = `${steps.join(' && ')} && exec "$@"`;
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'container', ...inside], {
    env: { ...image.env, ...env, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => void (said += text));
  }
  const exited = new Promise<Exit>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  await afterTest(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return { output: () => said, signal: (signal) => void child.kill(signal), exited };
}

const bind = (source: string, place: string): string => `mount --bind '${source}' '${place}'`;
const readOnly = (place: string): string => `mount -o remount,bind,ro '${place}'`;

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_path, index) => found[index]);
}
