import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@voicemail/testing';
import type { BareStore } from '../bare/bare-store.ts';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerNumber, mailboxOf } from '../load/deposits.ts';
import { download } from '../load/download.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { forgetPeakRss, readCpuMs, readPeakRssBytes, readRssBytes } from '../measure/process-io.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { countedMessages } from '../processes/drained.ts';
import { startServer, type Server } from '../processes/server.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { CALLER_HASH_KEY, TENANT, tenantEntry } from '../stored/parts.ts';
import { placedMessageId } from '../stored/place-messages.ts';
import { filled } from '../stores/filled.ts';
import type { KindName, Place, StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';

/** A gateway takes longer for each; Azurite's search looks at the tags of no more than 5,000 objects, two for a message. */
const MANY: Readonly<Record<KindName, number>> = { volume: 10_000, S3: 2_000, Azure: 1_800 };
const QUICK_MANY = 500;
const FEW = 100;
const AUDIO_BYTES = 80 * 1_000;
const ROUNDS = 3;
/** As many as an export fetches at once. */
const AT_ONCE = 8;
const COUNTED = { limitMs: 300_000, everyMs: 250 };
const [MB, MIB] = [1e6, 1_024 ** 2];
const MIN_RATIO = 0.7;
const MAX_GROWTH_MIB = 64;

export const exportFigure: Figure = {
  name: 'export',
  about: 'MB/s of the package of 10,000 messages ÷ copying their objects by the bare SDK, and how much memory grows',
  run: (context) => onEveryKind(context, 'export', (host) => compare(context, host)),
};

async function compare(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const { kind, by } = host;
  await using inMemory = await memoryFolder();
  const folder = inMemory?.folder ?? context.folder;
  const count = context.quick ? QUICK_MANY : MANY[kind];
  context.progress(`export, ${kind}: placing ${count} messages`);
  // One caller has many; the next has few.
  const what = { ofOneCaller: count, deposited: 0, placed: count + FEW, audioBytes: AUDIO_BYTES, allAreRead: true };
  const filling = await filled(context, host, { ...what, folder: await folder() });
  await filling[Symbol.asyncDispose]();
  const round = async (): Promise<Round> => roundOf(context, await folder(), filling.place, count);
  const counted = await rounds(context, `export, ${kind}`, round, { count: ROUNDS, warmsUp: false });
  const many = count.toLocaleString('en-US');
  const where = inMemory === null ? 'on disk' : 'in memory';
  const bare = `${kind === 'volume' ? 'the bare store' : 'the bare SDK'}, ${AT_ONCE} at once`;
  const rate = (name: string, beside: string, of: 'recordings' | 'objects'): Comparison =>
    comparison(
      {
        name: `export, ${kind}${name}`,
        unit: 'MB/s',
        ours: `GET …/export of ${many} messages of 80 KB into a file, ${where}, by the server on ${by}`,
        beside,
        aim: { atLeast: MIN_RATIO },
      },
      counted.map((one) => ({ ours: { value: one.ours }, beside: { value: one[of] } })),
    );
  return [
    rate('', `each recording into a file by ${bare}, where it is known`, 'recordings'),
    rate(', metadata too', `each metadata read, and each recording into a file, by ${bare}`, 'objects'),
    comparison(
      {
        name: `export, ${kind}, CPU`,
        unit: 'ms of CPU',
        ours: 'of each message, by the server alone',
        beside: `of each message, by the process that copies recordings by ${bare}`,
      },
      counted.map(({ cpuMs, copyCpuMs }) => ({ ours: { value: cpuMs }, beside: { value: copyCpuMs } })),
    ),
    comparison(
      {
        name: `export, ${kind}, memory`,
        unit: 'MiB grown',
        ours: `the server, while ${many} messages are exported`,
        beside: `before that, while ${FEW} of another caller are`,
        aim: { atMost: MAX_GROWTH_MIB },
        aimOf: 'ours',
      },
      counted.map(({ grown, grownByFew }) => ({ ours: { value: grown }, beside: { value: grownByFew } })),
    ),
  ];
}

interface Round {
  /** MB/s of recordings. */
  readonly ours: number;
  readonly recordings: number;
  readonly objects: number;
  /** ms of each message. */
  readonly cpuMs: number;
  readonly copyCpuMs: number;
  /** MiB. */
  readonly grown: number;
  readonly grownByFew: number;
}

async function roundOf(context: Context, copies: string, place: Place, count: number): Promise<Round> {
  const dataDir = await context.folder();
  await writeFile(join(dataDir, 'tenants.json'), JSON.stringify([tenantEntry(await place.storage())]));
  await writeFile(join(dataDir, 'caller-hash.key'), CALLER_HASH_KEY, { mode: 0o600 });
  const zip = join(copies, 'package.zip');
  const megabytes = (count * AUDIO_BYTES) / MB;
  let [ours, cpuMs, grown, grownByFew] = [0, 0, 0, 0];
  {
    await using server = await startServer(dataDir, { counted: false });
    const isCounted = (messages: number): boolean => messages === count + FEW;
    await waitFor('its recount at the start is over', () => countedMessages(server), isCounted, COUNTED);
    const [few, many] = [await exported(server, 1, FEW), await exported(server, 0, count)];
    grownByFew = await growth(server, () => download(server.target, few, zip));
    let took = 0;
    const before = cpuOf(server.pid);
    grown = await growth(server, async () => void (took = await seconds(() => download(server.target, many, zip))));
    cpuMs = (cpuOf(server.pid) - before) / count;
    const { size } = await stat(zip);
    if (size < count * AUDIO_BYTES) throw new Error(`the package has ${size} bytes`);
    ours = megabytes / took;
  }
  const bare = await place.bare();
  const copied = async (withMetadata: boolean): Promise<number> => {
    const files = join(copies, withMetadata ? 'objects' : 'recordings');
    await mkdir(files);
    return megabytes / (await seconds(() => copyAll(bare, files, count, withMetadata)));
  };
  const before = cpuOf(process.pid);
  const recordings = await copied(false);
  const copyCpuMs = (cpuOf(process.pid) - before) / count;
  const objects = await copied(true);
  bare.close();
  await rm(copies, { recursive: true });
  return { ours, recordings, objects, cpuMs, copyCpuMs, grown, grownByFew };
}

/** Asks for an export, and waits until it is. @returns the path of its package. */
async function exported(server: Server, caller: number, count: number): Promise<string> {
  const { port, headers } = server.target;
  const phone = callerNumber(caller);
  const answer = await fetch(`http://127.0.0.1:${port}/v1/gdpr/exportme?waitSeconds=60`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ consumer: [{ phone }] }),
  });
  const { requestId } = (await answer.json()) as { requestId?: string };
  if (requestId === undefined) throw new Error(`an export was answered with ${answer.status}`);
  const read = (): Promise<Exported> => server.json<Exported>(`/v1/gdpr/requests/${requestId}`);
  const done = await waitFor('an export is done', read, ({ links }) => links?.export !== undefined, COUNTED);
  if (done.callers?.[phone]?.messages !== count) throw new Error(`an export does not have its ${count} messages`);
  return done.links?.export ?? '';
}

interface Exported {
  readonly callers?: Readonly<Record<string, { readonly messages: number }>>;
  readonly links?: { readonly export?: string };
}

function cpuOf(pid: number): number {
  const ms = readCpuMs(pid);
  if (ms === null) throw new Error('this system does not say how much time a process took');
  return ms;
}

async function growth({ pid }: Server, work: () => Promise<unknown>): Promise<number> {
  forgetPeakRss(pid);
  const before = readRssBytes(pid);
  await work();
  const peak = readPeakRssBytes(pid);
  if (before === null || peak === null) throw new Error('this system does not say how much memory a process has');
  return (peak - before) / MIB;
}

async function copyAll(store: BareStore, folder: string, count: number, withMetadata: boolean): Promise<void> {
  await concurrently(count, AT_ONCE, async (index) => {
    const id = placedMessageId(index);
    const message = `${TENANT}/mailboxes/${mailboxOf(index)}/messages/${id}`;
    if (withMetadata) await Array.fromAsync(await store.get(`${message}/metadata.json`));
    await writeFile(join(folder, `${id}.wav`), await store.get(`${message}/media.wav`));
  });
}
