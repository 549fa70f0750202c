import { MwiError, type MwiErrorCode } from '../mwi-error.ts';

type Meaning = readonly [MwiErrorCode, string];

const DOWN: Meaning = ['unavailable', 'Redis cannot be reached: check that it runs, and REDIS_URL'];
const BUSY: Meaning = ['unavailable', 'Redis cannot serve just now: it loads its data, fails over or is busy'];
const REFUSED: Meaning = ['refused', 'Redis refuses these credentials: check user, password and the rights of its ACL'];
const UNTRUSTED: Meaning = [
  'refused',
  "Redis' certificate is not trusted: check its name, and the file of authorities",
];
const FULL: Meaning = ['full', 'Redis has no memory left: give it more, or let it evict'];
const CORRUPT: Meaning = ['corrupt', 'a key of the counts holds something else: remove it, the counts are rebuilt'];
const UNKNOWN: Meaning = ['unknown', 'the counts cannot be read or written in Redis'];

/** The first word of what Redis says against a command (https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors). */
const REPLIES: Readonly<Record<string, Meaning>> = {
  NOAUTH: REFUSED,
  WRONGPASS: REFUSED,
  NOPERM: REFUSED,
  OOM: FULL,
  WRONGTYPE: CORRUPT,
  LOADING: BUSY,
  BUSY,
  READONLY: BUSY,
  MASTERDOWN: BUSY,
  NOREPLICAS: BUSY,
  CLUSTERDOWN: BUSY,
  TRYAGAIN: BUSY,
  MOVED: BUSY,
  ASK: BUSY,
  UNBLOCKED: BUSY,
  MISCONF: ['unavailable', 'Redis cannot save its data, and so takes no writes: check its disk'],
};

/** System errors of a connection. Those of TLS have longer names. */
const SYSTEM =
  /^(?:ECONN[A-Z]+|EPIPE|ETIMEDOUT|EHOST[A-Z]+|ENET[A-Z]+|ENOTFOUND|EAI_[A-Z]+|EADDR[A-Z]+|ENOENT|EACCES|EMFILE|NR_CLOSED)$/;
const TLS = /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH|INVALID_CA|UNTRUSTED)/;

/** What ioredis says by itself has no code. */
const CLIENT =
  /^(?:Connection is closed\.|Command timed out|Command aborted|Stream isn't writeable|Cluster |Socket timeout|connect ETIMEDOUT|None of startup nodes|Failed to refresh slots cache|Connection is discarded|Connection is aborted|Reached the max retries|Too many Cluster redirections|All sentinels are unreachable)/;

/** Says what an error of the client means to a caller. The cause tells no more than the error's own words, never a command's arguments. */
export function redisError(error: unknown): MwiError {
  if (error instanceof MwiError) return error;
  const [code, message] = meaningOf(error);
  return new MwiError(code, message, { cause: bare(error) });
}

function meaningOf(error: unknown): Meaning {
  if (!(error instanceof Error)) return UNKNOWN;
  const reply = REPLIES[/^-?([A-Z]+)\b/.exec(error.message)?.[1] ?? ''] ?? REPLIES[inScript(error.message)];
  if (reply !== undefined) return reply;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TLS.test(code)) return UNTRUSTED;
  if (SYSTEM.test(code)) return DOWN;
  // Of a cluster of which no node could be asked, and of Sentinels: why the last one could not.
  const last = 'lastNodeError' in error ? error.lastNodeError : error.cause;
  if (last instanceof Error) {
    const meaning = meaningOf(last);
    if (meaning !== UNKNOWN) return meaning;
  }
  return CLIENT.test(error.message) ? DOWN : UNKNOWN;
}

/** What was said against a command within a script: Redis 7.0 puts its own words in front. */
const inScript = (message: string): string => /^ERR .*?(?:-|: )([A-Z]{3,}) /.exec(message)?.[1] ?? '';

/** ioredis hangs the command, with its arguments, on an error: those of AUTH are a password. */
function bare(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const told = new Error(error.message);
  told.name = error.name;
  if (error.stack !== undefined) told.stack = error.stack;
  return 'code' in error ? Object.assign(told, { code: error.code }) : told;
}
