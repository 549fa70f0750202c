import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../free-port.ts';
import { openTempFolder } from '../temp-folder.ts';
import { waitFor } from '../wait-for.ts';
import { containerCommand, hasImage, killContainer } from './container-engine.ts';
import type { Invocation, Place, ServerDescription } from './description.ts';
import { installed } from './install.ts';
import { onLeash } from './leash.ts';

/** A way to start a server on this machine. */
export interface Route {
  /** The address that the server binds. */
  readonly host: string;
  command(place: Place, invocation: Invocation): readonly string[];
  kill(child: ChildProcess, port: number): Promise<void>;
}

/** A real server, which ends with the test process at the latest. */
export interface RunningServer extends AsyncDisposable {
  /** Ends it, and removes what it kept. */
  stop(): Promise<void>;
  /** SIGKILL, in the middle of whatever it does. What it kept stays, for `restart`. */
  kill(): Promise<void>;
  /** Brings it up again on the same port, with what it kept on disk; it is killed first where it runs. */
  restart(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 2_000;
/** Another process may take a free port before the server does. */
const PORTS_TRIED = 3;
const OUTPUT_KEPT_CHARS = 20_000;

/** A container engine where one runs, otherwise the program itself, installed where need be. @throws Error when neither can be had. */
export async function findRoute(description: ServerDescription): Promise<Route> {
  if (await hasImage(description)) {
    return {
      host: '0.0.0.0',
      command: (place, invocation) => containerCommand(description, place, invocation),
      kill: async (_child, port) => killContainer(port),
    };
  }
  return installedRoute(description);
}

/** The program itself, installed where need be. @throws Error when it cannot be had. */
export async function installedRoute(description: ServerDescription): Promise<Route> {
  const program = description.program(await installed(description));
  return {
    host: '127.0.0.1',
    command: (_place, { args }) => [...program, ...args],
    kill: async (child) => void child.kill('SIGKILL'),
  };
}

/** Starts it on a free port of the loopback interface. Gives the place too. @throws Error with its output when it does not get ready. */
export async function launch(
  description: ServerDescription,
  route: Route,
  invoke: (place: Place) => Promise<Invocation>,
): Promise<RunningServer & Place> {
  for (let tried = 1; ; tried += 1) {
    const folder = await openTempFolder();
    const place = { host: route.host, port: await freePort(), folder: folder.path };
    const start = async (): Promise<Running> => startProcess(description, route, place, await invoke(place));
    try {
      return { ...place, ...asServer(await start(), start, () => folder[Symbol.asyncDispose]()) };
    } catch (error) {
      await folder[Symbol.asyncDispose]();
      if (tried >= PORTS_TRIED || !(error instanceof EndedEarly)) throw error;
    }
  }
}

function asServer(first: Running, start: () => Promise<Running>, cleanUp: () => PromiseLike<void>): RunningServer {
  let running = first;
  const stop = async (): Promise<void> => {
    await running.end();
    await cleanUp();
  };
  return {
    stop,
    kill: () => running.kill(),
    restart: async () => {
      await running.kill();
      running = await start();
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Perhaps its port was taken; another one may do. */
class EndedEarly extends Error {}

interface Running {
  end(): Promise<void>;
  kill(): Promise<void>;
}

async function startProcess(
  description: ServerDescription,
  route: Route,
  place: Place,
  invocation: Invocation,
): Promise<Running> {
  const [file = '', ...args] = route.command(place, invocation);
  const child = spawn(file, args, {
    cwd: place.folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...invocation.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const letGo = child.pid === undefined ? () => undefined : onLeash(child.pid, place.folder);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-OUTPUT_KEPT_CHARS);
    });
  }
  let ended: string | undefined;
  const exited = once(child, 'close').then(
    ([code, signal]) => (ended = `ended (${String(code ?? signal)})`),
    (error: unknown) => (ended = `could not be started: ${String(error)}`),
  );
  void exited.then(letGo);

  const kill = async (): Promise<void> => {
    if (ended === undefined) await route.kill(child, place.port);
    await exited;
  };
  const end = async (): Promise<void> => {
    if (ended === undefined) child.kill('SIGTERM');
    try {
      await waitFor(`${description.name} ends`, () => ended, Boolean, { limitMs: STOP_LIMIT_MS });
    } catch {
      // It had its chance; a test file that waits for a stuck server would only hide what the test says.
      await kill();
    }
  };
  const withOutput = (why: string): string => `${why}\n--- output of ${description.name} ---\n${output}`;
  try {
    await waitFor(
      `${description.name} is ready`,
      async () => ended ?? (await description.isReady(place, output)),
      Boolean,
      { limitMs: READY_LIMIT_MS, everyMs: 50 },
    );
  } catch (error) {
    await kill();
    throw new Error(withOutput((error as Error).message), { cause: error });
  }
  if (ended !== undefined) throw new EndedEarly(withOutput(`${description.name} ${ended} before it was ready.`));
  return { end, kill };
}
