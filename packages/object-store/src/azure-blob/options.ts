import type { Clock, Ids } from '@voicemail/runtime';
import type { ObjectStore } from '../port.ts';

/** Which container, and how to be let in: one of the files, or none for the workload's own identity. */
export interface AzureBlobStoreOptions {
  readonly container: string;
  /** Path of a file that holds a connection string, which names the account too. */
  readonly connectionStringFile: string | null;
  /** `https://<account>.blob.core.windows.net`, where there is no connection string. */
  readonly accountUrl: string | null;
  /** Path of a file that holds one of the account's keys. */
  readonly accountKeyFile: string | null;
  /** Path of a file that holds a shared access signature. */
  readonly sasFile: string | null;
  /** The encryption scope of everything that is written; the container's default where there is none. */
  readonly encryptionScope?: string | null;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'token' | 'random'>;
  /** How long one request, or one step of a body, may take, in ms; 30 s unless told. */
  readonly requestTimeoutMs?: number;
}

export interface AzureBlobStore extends ObjectStore {
  /** Ends what is under way with `unavailable`, and every later call. */
  close(): Promise<void>;
}

const CONTAINER = /^[a-z0-9](?:-?[a-z0-9]){2,62}$/;

/** @throws TypeError for options that no account could be reached with; no value that may be a secret is repeated. */
export function checkOptions(options: AzureBlobStoreOptions): void {
  const { container, connectionStringFile, accountUrl, accountKeyFile, sasFile } = options;
  if (!CONTAINER.test(container)) throw new TypeError(`"${container}" is no name of a container`);
  const files = [connectionStringFile, accountKeyFile, sasFile].filter((file) => file !== null);
  if (files.length > 1) throw new TypeError('a store has one secret file: connection string, account key or SAS');
  if ((connectionStringFile === null) === (accountUrl === null)) {
    throw new TypeError('a store has either a connection string file or an account URL');
  }
  if (accountUrl === null) return;
  if (!URL.canParse(accountUrl) || !/^https?:$/.test(new URL(accountUrl).protocol)) {
    throw new TypeError('the account URL is not an http(s) URL');
  }
  const { protocol, search, username, password } = new URL(accountUrl);
  if (protocol === 'http:' && files.length === 0) {
    throw new TypeError('a workload’s own identity is shown over https alone: name a secret file, or an https URL');
  }
  if (`${search}${username}${password}` !== '') {
    throw new TypeError('the account URL holds no query and no credentials: those are read from a file');
  }
}
