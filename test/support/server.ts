import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  freePort,
  openSpawned,
  openTempFolder,
  tempFolder,
  waitFor,
  type Spawned,
  type WaitOptions,
} from '@voicemail/testing';
import { environmentFor } from './distributed-folder.ts';

/** A voicemail server of its own process, as a user starts it, and what a client needs to talk to it. */
export interface Server {
  readonly url: string;
  readonly dataDir: string;
  readonly process: Spawned;
  /** A call with the token. A body that is not text or bytes is sent as JSON. */
  call(method: string, path: string, options?: CallOptions): Promise<Response>;
  /** A call that must answer with a success; gives its JSON. @throws Error with the answer's text. */
  json<T>(method: string, path: string, options?: CallOptions): Promise<T>;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** In place of a body: sent as it comes, without a length. */
  readonly stream?: ReadableStream<Uint8Array>;
}

export interface StartOptions {
  /** A folder of the test's own unless told. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** false: does not wait until it is ready, only until it answers. */
  readonly isReady?: boolean;
  /** One service instead of all, on Kafka and Redis. */
  readonly service?: string;
}

/** Starts the server and waits until it is ready. The caller stops or kills it. */
export async function startServer(options: StartOptions = {}): Promise<Server> {
  const dataDir = options.dataDir ?? (await tempFolder());
  const backbone = await environmentFor(dataDir);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const command = [
    'services/voicemail/src/main.ts',
    ...(options.service === undefined ? ['start'] : ['service', options.service]),
  ];
  const process = openSpawned({
    command,
    env: { DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', ...backbone, ...options.env },
  });
  if (options.isReady === false) await waitFor('the server answers', () => answers(url), Boolean, { limitMs: 60_000 });
  else await process.waitUntilReady(url, { limitMs: 60_000 });
  const token = options.env?.['VOICEMAIL_TOKEN'] ?? (await readFile(join(dataDir, 'token'), 'utf8')).trim();
  const call: Server['call'] = (method, path, { headers, body, stream } = {}) => {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    return fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(isRaw ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(stream === undefined ? {} : { body: stream, duplex: 'half' as const }),
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as NonNullable<RequestInit['body']>) : JSON.stringify(body) }),
    });
  };
  const json: Server['json'] = async <T>(method: string, path: string, given?: CallOptions): Promise<T> => {
    const answer = await call(method, path, given);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  return { url, dataDir, process, call, json };
}

/** A server on a folder of its own for a whole file of tests: `dispose` in `afterAll`. */
export async function withServer(): Promise<{ server: Server; dispose: () => Promise<void> }> {
  const folder = await openTempFolder();
  const server = await startServer({ dataDir: folder.path });
  const dispose = async (): Promise<void> => {
    await server.process.stop();
    await folder[Symbol.asyncDispose]();
  };
  return { server, dispose };
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`).catch(() => null);
  return answer?.ok === true;
}

export interface DepositEvent {
  readonly mailbox: string;
  readonly messageId: string;
  readonly callerId?: string;
  readonly region?: string;
  readonly urgent?: boolean;
  readonly depositedAt?: string;
  readonly bytes?: Uint8Array;
  readonly contentType?: string;
}

/** Posts a deposit in binary mode, as a publisher without a Kafka client does. */
export function postDeposit(server: Server, deposit: DepositEvent): Promise<Response> {
  const at = deposit.depositedAt ?? new Date().toISOString();
  return server.call('POST', '/v1/events/voicemail.deposits', {
    headers: {
      'ce-specversion': '1.0',
      'ce-type': 'voicemail.deposit.v1',
      'ce-source': '/test',
      'ce-id': deposit.messageId,
      'ce-time': at,
      'ce-tenant': 't100',
      'ce-mailbox': deposit.mailbox,
      ...(deposit.callerId === undefined ? {} : { 'ce-callerid': encodeURIComponent(deposit.callerId) }),
      'ce-region': deposit.region ?? 'westus2',
      'ce-priority': deposit.urgent === true ? 'urgent' : 'normal',
      'content-type': deposit.contentType ?? 'audio/wav',
    },
    body: deposit.bytes ?? Buffer.from(`RIFF sound of ${deposit.messageId}`),
  });
}

/** Posts an event in structured mode. */
export function postEvent(server: Server, topic: string, type: string, data: object, id: string): Promise<Response> {
  return server.call('POST', `/v1/events/${topic}`, {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ specversion: '1.0', id, source: '/test', type, time: new Date().toISOString(), data }),
  });
}

export interface Lamp {
  readonly new: number;
  readonly old: number;
  readonly urgentNew: number;
  readonly urgentOld: number;
  readonly revision: number;
  readonly stale: boolean;
  readonly full: boolean;
  readonly users: readonly string[];
  readonly messageSummary: string;
}

/** Waits until a mailbox's lamp says what it should. */
export function waitForLamp(
  server: Server,
  mailbox: string,
  done: (lamp: Lamp) => boolean,
  limits: WaitOptions = {},
): Promise<Lamp> {
  const look = (): Promise<Lamp> => server.json<Lamp>('GET', `/v1/mwi/${mailbox}`);
  return waitFor(`the lamp of ${mailbox}`, look, done, { limitMs: 30_000, ...limits });
}

/** Every message of a mailbox, over all pages. */
export async function allMessages(
  server: Server,
  mailbox: string,
): Promise<{ messageId: string; state: string; revision: number; region: string }[]> {
  const all: Awaited<ReturnType<typeof allMessages>> = [];
  let cursor = '';
  do {
    const page = await server.json<{ items: typeof all; next?: string }>(
      'GET',
      `/v1/mailboxes/${mailbox}/messages?limit=1000${cursor}`,
    );
    all.push(...page.items);
    cursor = page.next === undefined ? '' : `&cursor=${encodeURIComponent(page.next)}`;
  } while (cursor !== '');
  return all;
}
