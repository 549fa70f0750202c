import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Tool } from '../servers/description.ts';
import { obtained } from './obtained.ts';

const run = promisify(execFile);

/** The loader that is inside `docker compose`, with its own schema: what it refuses, `docker compose config` refuses. */
const COMPOSE_SPEC: Tool = {
  name: 'compose-spec',
  version: '2.16.2',
  install: () => ['go', 'install', `github.com/compose-spec/compose-go/v2/cmd@v${COMPOSE_SPEC.version}`],
  installEnv: (folder) => ({ GOBIN: folder }),
  needs: 'Go 1.25 or later (https://go.dev/dl) and a way to fetch modules',
};

/** As much of a service as tests ask for. Every other field is there too. */
export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly entrypoint?: readonly string[] | null;
  readonly command?: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string | number | null>>;
  readonly volumes?: readonly {
    readonly type: string;
    readonly source: string;
    readonly target: string;
    readonly read_only?: boolean;
  }[];
  readonly tmpfs?: readonly string[];
  readonly read_only?: boolean;
  readonly ports?: readonly { readonly host_ip?: string; readonly target: number; readonly published?: string }[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

export interface ComposeModel {
  readonly services: Readonly<Record<string, ComposeService>>;
}

/**
 * Reads a compose file as `docker compose config` does: everything merged, filled in and checked. `undefined` where the loader cannot be
 * had; what it gives rejects with what the file has wrong.
 */
export async function composeLoader(): Promise<((file: string) => Promise<ComposeModel>) | undefined> {
  const folder = await obtained(COMPOSE_SPEC);
  if (folder === undefined) return undefined;
  return async (file) => {
    const { stdout } = await run(join(folder, 'cmd'), ['--format', 'json', file], {
      cwd: dirname(file),
      timeout: 60_000,
    });
    return JSON.parse(stdout) as ComposeModel;
  };
}
