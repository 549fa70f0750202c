import { chmod, chown, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTempFolder, type ComposeModel, type ComposeService } from '@voicemail/testing';
import { addBase, startContainer, type Container, type Mount } from './container.ts';
import { layOutImage } from './image.ts';

/** For each address that containers call each other by (`kafka:9092`), the port of this machine that stands for it. */
export type Addresses = Readonly<Record<string, number>>;

export interface RunOptions {
  /** In place of the service's own. */
  readonly command?: readonly string[];
  /** Where it listens: this machine has but one of each port. */
  readonly port?: number;
}

/** The project's own services of a compose file, each in a root of its own, without an engine. */
export interface Composed extends AsyncDisposable {
  /** Says where the other containers are, for what is started after it. */
  meet(addresses: Addresses): void;
  start(service: string, options?: RunOptions): Promise<Container>;
  /** Runs one to its end, and gives what it said. @throws Error with that, where it fails. */
  succeed(service: string, options?: RunOptions): Promise<string>;
  /** Replaces the addresses of other containers by those that they have here. */
  natively(text: string): string;
  /** The path of a file in a volume. */
  inVolume(volume: string, path: string): string;
}

/** @param checkout where the Dockerfile is. */
export async function openComposed({ services }: ComposeModel, checkout: string): Promise<Composed> {
  const folder = await openTempFolder();
  const [root, volumes] = [join(folder.path, 'root'), join(folder.path, 'volumes')] as const;
  await Promise.all([root, volumes].map((path) => mkdir(path)));
  const image = await layOutImage(checkout, root);
  const base = await addBase(image, Object.keys(services));
  const copies = new Map<string, Promise<string>>();
  let addresses: Addresses = {};

  const natively = (text: string, more: Addresses = {}): string =>
    Object.entries({ ...addresses, ...more }).reduce(
      (all, [address, port]) => all.replaceAll(address, `${address.split(':')[0] ?? ''}:${port}`),
      text,
    );
  /** A new volume takes its owner and mode from the place in the image that it is mounted over, as an engine has it. */
  const volume = async (name: string, target: string): Promise<string> => {
    const path = join(volumes, name);
    if ((await mkdir(path, { recursive: true })) === undefined) return path;
    const place = await stat(join(root, target));
    await chown(path, place.uid, place.gid);
    await chmod(path, place.mode & 0o777);
    return path;
  };
  /** A folder of the checkout with the addresses of this machine, copied once for each set of them. */
  const bound = (source: string): Promise<string> => {
    const path = join(folder.path, `${copies.size}-${source.replaceAll('/', '-')}`);
    const key = JSON.stringify([source, addresses]);
    const copied = copies.get(key) ?? copyNatively(source, path, natively);
    copies.set(key, copied);
    return copied;
  };
  const mountsOf = async ({ volumes: given = [], tmpfs = [] }: ComposeService): Promise<readonly Mount[]> => {
    const mounts: Mount[] = [...base];
    for (const { type, source, target, read_only: isReadOnly = false } of given) {
      const from = await (type === 'volume' ? volume(source, target) : bound(source));
      mounts.push({ source: from, target, isReadOnly });
    }
    return [...mounts, ...tmpfs.map((target) => ({ source: null, target, isReadOnly: false }))];
  };

  const start: Composed['start'] = async (name, { command, port = 0 } = {}) => {
    const service = services[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const env = Object.entries(service.environment ?? {}).map(
      ([key, value]) => [key, natively(String(value), { '127.0.0.1:8081': port })] as const,
    );
    // As an engine has it: who sets the entrypoint sets the whole command.
    const own = [...(service.entrypoint ?? image.entrypoint), ...(service.command ?? [])];
    return startContainer(image, {
      command: command ?? own,
      env: { ...Object.fromEntries(env), HOST: '127.0.0.1', PORT: String(port) },
      mounts: await mountsOf(service),
    });
  };
  return {
    start,
    meet: (given) => void (addresses = given),
    succeed: async (name, options) => {
      const container = await start(name, options);
      const exit = await container.exited;
      if (exit.code === 0) return container.output();
      throw new Error(`${name} failed (${JSON.stringify(exit)}): ${container.output()}`);
    },
    natively,
    inVolume: (name, path) => join(volumes, name, path),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function copyNatively(source: string, path: string, natively: (text: string) => string): Promise<string> {
  await cp(source, path, { recursive: true });
  const tenants = join(path, 'tenants.json');
  await writeFile(tenants, natively(await readFile(tenants, 'utf8')));
  return path;
}
