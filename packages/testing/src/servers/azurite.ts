import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { availability, type Availability } from './availability.ts';
import type { ServerDescription } from './description.ts';
import { launch, type RunningServer } from './launch.ts';

/** Azure Blob Storage as Azurite has it. What it keeps is in memory: `restart` begins empty. */
export interface AzureServer extends RunningServer {
  /** The account's address: `http://127.0.0.1:<port>/<account>`. */
  readonly url: string;
  readonly account: string;
  readonly key: string;
  readonly connectionString: string;
}

export interface AzureServerOptions {
  /** Its name; `devtest` unless told. Azurite can keep but one to a process here. */
  readonly account?: string;
  /** Its key, base64; one of its own unless told. */
  readonly key?: string;
}

const AZURITE: ServerDescription = {
  name: 'azurite',
  version: '3.37.0',
  install: (folder) => [
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    `azurite@${AZURITE.version}`,
  ],
  needs: 'npm (it comes with Node) and a registry that has azurite, or a container engine',
  program: (folder) => [process.execPath, join(folder, 'node_modules/azurite/dist/src/blob/main.js')],
  image: { name: 'mcr.microsoft.com/azure-storage/azurite:3.37.0', program: ['azurite-blob'] },
  isReady: (_place, output) => output.includes('Azurite Blob service successfully listens'),
};

/** Azure Blob Storage for tests, a server of one's own for each `start`. */
export async function azureServer(): Promise<Availability<(options?: AzureServerOptions) => Promise<AzureServer>>> {
  return availability(AZURITE, (route) => async (options = {}) => {
    const { account = 'devtest', key = randomBytes(64).toString('base64') } = options;
    const server = await launch(AZURITE, route, async ({ host, port }) => ({
      args: [
        '--inMemoryPersistence',
        '--silent',
        // Otherwise it reports its use to its makers; a test speaks to the loopback interface alone.
        '--disableTelemetry',
        // The client's API version may be newer than the server's.
        '--skipApiVersionCheck',
        `--blobHost=${host}`,
        `--blobPort=${port}`,
      ],
      env: { AZURITE_ACCOUNTS: `${account}:${key}` },
    }));
    const url = `http://127.0.0.1:${server.port}/${account}`;
    const connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${url};`;
    return { ...server, url, account, key, connectionString };
  });
}
