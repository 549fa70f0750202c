import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, readFile, rename } from 'node:fs/promises';
import { dirname, join, matchesGlob, relative } from 'node:path';
import { promisify } from 'node:util';
import { readDockerfile, type Instruction, type Stage } from './dockerfile.ts';

const run = promisify(execFile);

/** An image's files as a folder, and what it says of how it is run. */
export interface Image {
  readonly root: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `<uid>:<gid>` */
  readonly user: string;
}

/**
 * Lays out what the project's Dockerfile makes, instruction by instruction, without an engine: of the base image there are the libraries
 * of this machine and this very Node. Its install runs as it is written, with the pnpm that is named there.
 * @param context the checkout.
 * @param root an empty folder.
 */
export async function layOutImage(context: string, root: string): Promise<Image> {
  const [first, last] = (await readDockerfile(join(context, 'Dockerfile'))) as [Stage, Stage];
  const isIgnored = await ignored(context);
  const built = join(root, '../built');
  await fill(first, built, { from: () => context, isIgnored });
  await fill(last, root, { from: (stage) => (stage === undefined ? context : built), isIgnored });
  const words = (name: string): readonly string[] => last.instructions.find((one) => one.name === name)?.words ?? [];
  return {
    root,
    entrypoint: words('ENTRYPOINT'),
    command: words('CMD'),
    env: Object.fromEntries(words('ENV').map((pair) => pair.split('=') as [string, string])),
    user: words('USER')[0] ?? 'root',
  };
}

interface Sources {
  readonly from: (stage: string | undefined) => string;
  readonly isIgnored: (path: string) => boolean;
}

async function fill({ instructions }: Stage, root: string, sources: Sources): Promise<void> {
  let folder = root;
  let pnpm = '';
  for (const instruction of instructions) {
    const [first = ''] = instruction.words;
    if (instruction.name === 'WORKDIR') {
      folder = join(root, first);
      await mkdir(folder, { recursive: true });
    }
    if (instruction.name === 'COPY') await copy(instruction, root, folder, sources);
    if (instruction.name === 'RUN' && first === 'npm') pnpm = instruction.words.at(-1) ?? '';
    if (instruction.name === 'RUN' && first === 'chmod') await changeModes(instruction, root);
    if (instruction.name === 'RUN' && first === 'pnpm') await install(instruction, pnpm, folder);
  }
}

async function copy({ flags, words }: Instruction, root: string, folder: string, sources: Sources): Promise<void> {
  const stage = flags['from'];
  const from = sources.from(stage);
  const target = words.at(-1) ?? '';
  const place = target.startsWith('/') ? join(root, target) : join(folder, target);
  for (const word of words.slice(0, -1)) {
    const source = join(from, word);
    const to = target.endsWith('/') ? join(place, word) : place;
    await mkdir(dirname(to), { recursive: true });
    // What an earlier stage made is taken once, so it may be moved.
    if (stage !== undefined) await rename(source, to);
    else await cp(source, to, { recursive: true, filter: (path) => !sources.isIgnored(relative(from, path)) });
    if (flags['chmod'] !== undefined) await chmod(to, Number.parseInt(flags['chmod'], 8));
    const [uid, gid] = (flags['chown'] ?? '').split(':').map(Number);
    if (uid !== undefined && gid !== undefined) await chown(to, uid, gid);
  }
}

async function changeModes({ words: [, mode = '', ...paths] }: Instruction, root: string): Promise<void> {
  await Promise.all(paths.map((path) => chmod(join(root, path), Number.parseInt(mode, 8))));
}

/** With this machine's store of packages in place of the builder's. */
async function install({ words }: Instruction, pnpm: string, folder: string): Promise<void> {
  const args = words.slice(1).filter((word) => !word.startsWith('--store-dir='));
  await run('npx', ['-y', pnpm, ...args.map((word) => word.replaceAll("'", ''))], {
    cwd: folder,
    // Nothing of the run of pnpm that this is a part of: not its settings, nor its Node, on which the npx of another one takes a minute.
    env: { PATH: withoutModules(process.env['PATH'] ?? ''), HOME: process.env['HOME'] },
    timeout: 300_000,
  });
}

const withoutModules = (path: string): string =>
  path
    .split(':')
    .filter((folder) => !folder.includes('/node_modules/'))
    .join(':');

/** Of a `.dockerignore`: the last line that fits a path, or a folder above it, decides. */
async function ignored(context: string): Promise<(path: string) => boolean> {
  const lines = (await readFile(join(context, '.dockerignore'), 'utf8')).split('\n');
  const rules = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isKept: line.startsWith('!'), pattern: line.replace(/^!/, '') }));
  return (path) => {
    const parts = path.split('/');
    const ways = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
    return rules.findLast(({ pattern }) => ways.some((way) => matchesGlob(way, pattern)))?.isKept === false;
  };
}
