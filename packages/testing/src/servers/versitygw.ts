import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { availability, type Availability } from './availability.ts';
import type { Place, ServerDescription } from './description.ts';
import { httpStatus } from './http-status.ts';
import { launch, type RunningServer } from './launch.ts';

/** Amazon S3 as the Versity gateway has it, over a folder. Buckets are addressed by path. */
export interface S3Server extends RunningServer {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly region: string;
  /** Where the objects are: a folder for each bucket. */
  readonly dataFolder: string;
  /** Where older versions are kept; only with `versioning`. */
  readonly versioningFolder?: string;
  /** Makes a bucket, as its owner would: the system never makes one by itself. */
  makeBucket(name: string): Promise<void>;
  /** Replaces the accounts beside the first one, at once: the secret of each access key. All may do everything. Only with `accounts`. */
  setAccounts(secrets: Readonly<Record<string, string>>): Promise<void>;
}

export interface S3ServerOptions {
  /** The first account's keys; some of its own unless told. */
  readonly keys?: Pick<S3Server, 'accessKey' | 'secretKey'>;
  /** Whether buckets can have versioning; it is then still off until a client turns it on for a bucket. */
  readonly versioning?: boolean;
  /** Whether there may be accounts beside the first one. */
  readonly accounts?: boolean;
  /** Refuses every write, as a policy without the right to would. */
  readonly readonly?: boolean;
  /** Whether it keeps connections, as AWS does; otherwise it closes each after one answer. */
  readonly keepAlive?: boolean;
}

const REGION = 'us-east-1';

/** No other server answers there. */
const healthPath = ({ folder }: Pick<Place, 'folder'>): string => `/ready-${basename(folder)}`;

const VERSITYGW: ServerDescription = {
  name: 'versitygw',
  version: '1.8.0',
  install: () => ['go', 'install', `github.com/versity/versitygw/cmd/versitygw@v${VERSITYGW.version}`],
  installEnv: (folder) => ({ GOBIN: folder }),
  needs: 'Go 1.25 or later (https://go.dev/dl) and a way to fetch modules, or a container engine',
  program: (folder) => [join(folder, 'versitygw')],
  image: { name: 'ghcr.io/versity/versitygw:v1.8.0', program: [] },
  isReady: async (place) => (await httpStatus(place.port, healthPath(place))) === 200,
};

/** Amazon S3 for tests, a server of one's own for each `start`. */
export async function s3Server(): Promise<Availability<(options?: S3ServerOptions) => Promise<S3Server>>> {
  return availability(VERSITYGW, (route) => async (options = {}) => {
    const { versioning = false, accounts = false, readonly = false, keepAlive = false } = options;
    const { accessKey, secretKey } = options.keys ?? {
      accessKey: randomBytes(10).toString('hex'),
      secretKey: randomBytes(20).toString('hex'),
    };
    const folders = (folder: string) => ({
      data: join(folder, 'data'),
      versions: join(folder, 'versions'),
      iam: join(folder, 'iam'),
    });
    const server = await launch(VERSITYGW, route, async ({ host, port, folder }) => {
      const { data, versions, iam } = folders(folder);
      await Promise.all([data, versions, iam].map((path) => mkdir(path, { recursive: true })));
      return {
        args: [
          `--port=${host}:${port}`,
          `--region=${REGION}`,
          `--health=${healthPath({ folder })}`,
          '--quiet',
          ...(accounts ? ['--iam-dir', iam, '--iam-cache-disable'] : []),
          ...(readonly ? ['--readonly'] : []),
          ...(keepAlive ? ['--keep-alive'] : []),
          'posix',
          ...(versioning ? ['--versioning-dir', versions] : []),
          data,
        ],
        env: { ROOT_ACCESS_KEY: accessKey, ROOT_SECRET_KEY: secretKey },
      };
    });
    const { data, versions, iam } = folders(server.folder);
    return {
      ...server,
      endpoint: `http://127.0.0.1:${server.port}`,
      accessKey,
      secretKey,
      region: REGION,
      dataFolder: data,
      ...(versioning ? { versioningFolder: versions } : {}),
      // To this server a bucket is a folder.
      makeBucket: (name) => mkdir(join(data, name)),
      setAccounts: async (secrets) => {
        const entries = Object.entries(secrets).map(([access, secret]) => [access, { access, secret, role: 'admin' }]);
        const text = JSON.stringify({ accessAccounts: Object.fromEntries(entries) as unknown });
        // In one step: the server reads the file at every request.
        await writeFile(join(iam, 'users.json.new'), text);
        await rename(join(iam, 'users.json.new'), join(iam, 'users.json'));
      },
    };
  });
}
