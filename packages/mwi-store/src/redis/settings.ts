import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { MwiError } from '../mwi-error.ts';
import type { RedisMwiStoreOptions } from './options.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the options say, in the client's words. */
export interface Settings {
  readonly addresses: readonly Address[];
  readonly username: string | undefined;
  readonly database: number;
  readonly tls: ConnectionOptions | undefined;
  /** Reads the password; undefined where there is none. @throws MwiError `refused` */
  readonly password: () => string | undefined;
  readonly sentinelPassword: string | undefined;
}

const PORT = 6_379;
const SENTINEL_PORT = 26_379;

/** Reads the options. @throws MwiError `refused` that says what is wrong, and nothing of a password. */
export function settingsOf(options: RedisMwiStoreOptions): Settings {
  const { urls, topology, passwordFile = null, sentinelPasswordFile = null, authoritiesFile = null } = options;
  const defaultPort = typeof topology === 'object' ? SENTINEL_PORT : PORT;
  const parsed = urls.map((text) => parse(text));
  const first = parsed[0]!;
  const password = first.password === '' ? undefined : decodeURIComponent(first.password);
  const usesTls = first.protocol === 'rediss:';
  if (parsed.some((url) => url.protocol !== first.protocol)) {
    throw new MwiError('refused', 'the urls of Redis are to be all with TLS (rediss://) or all without');
  }
  return {
    addresses: parsed.map(({ hostname, port }) => ({
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? defaultPort : Number(port),
    })),
    username: first.username === '' ? undefined : decodeURIComponent(first.username),
    database: Number(first.pathname.slice(1)),
    tls: usesTls ? (authoritiesFile === null ? {} : { ca: readFile(authoritiesFile) }) : undefined,
    password: () => (passwordFile === null ? password : readFile(passwordFile)),
    sentinelPassword: sentinelPasswordFile === null ? undefined : readFile(sentinelPasswordFile),
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOurs =
    url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?\d*$/.test(url.pathname);
  if (isOurs) return url;
  throw new MwiError('refused', 'a url of Redis is redis://host:port, or rediss:// with TLS, and may end in /database');
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new MwiError('refused', `the file ${file} cannot be read`, { cause: error });
  }
}
