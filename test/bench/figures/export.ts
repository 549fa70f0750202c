import { createWriteStream } from 'node:fs';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectStore } from '@voicemail/object-store';
import { waitFor } from '@voicemail/testing';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { callerNumber, mailboxOf, someAudio } from '../load/deposits.ts';
import { comparison } from '../measure/comparison.ts';
import { forgetPeakRss, readPeakRssBytes, readRssBytes } from '../measure/process-io.ts';
import { rounds, seconds } from '../measure/rounds.ts';
import { countedMessages } from '../processes/drained.ts';
import { startServer, type Server } from '../processes/server.ts';
import { memoryFolder } from '../stored/memory-folder.ts';
import { CALLER_HASH_KEY, REGION, TENANT, tenantEntry } from '../stored/parts.ts';
import { placeInThreads } from '../stored/place-in-threads.ts';
import { placedMessageId } from '../stored/place-messages.ts';
import { openTenant } from '../stores/tenant.ts';

const [MANY, QUICK_MANY] = [10_000, 500];
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
  about: 'MB/s of the package of 10,000 messages ÷ copying their recordings by themselves, and how much memory grows',
  run: async (context) => {
    await using inMemory = await memoryFolder();
    const folder = inMemory?.folder ?? context.folder;
    const count = context.quick ? QUICK_MANY : MANY;
    const place = await filled(context, await folder(), count);
    const counted = await rounds(context, 'export', async () => roundOf(context, await folder(), place, count), {
      count: ROUNDS,
      warmsUp: false,
    });
    const [many, where] = [count.toLocaleString('en-US'), inMemory === null ? 'on disk' : 'in memory'];
    return [
      comparison(
        {
          name: 'export',
          unit: 'MB/s',
          ours: `GET …/export of ${many} messages of 80 KB into a file, by the server on a volume ${where}`,
          beside: `each recording opened in the same store and written to a file, ${AT_ONCE} at once`,
          aim: { atLeast: MIN_RATIO },
        },
        counted.map(({ ours, bare }) => ({ ours: { value: ours }, beside: { value: bare } })),
      ),
      comparison(
        {
          name: 'export, memory',
          unit: 'MiB grown',
          ours: `the server, while ${many} messages are exported`,
          beside: `before that, while ${FEW} of another caller are`,
          aim: { atMost: MAX_GROWTH_MIB },
          aimOf: 'ours',
        },
        counted.map(({ grown, grownByFew }) => ({ ours: { value: grown }, beside: { value: grownByFew } })),
      ),
    ];
  },
};

interface Round {
  /** MB/s. */
  readonly ours: number;
  readonly bare: number;
  /** MiB. */
  readonly grown: number;
  readonly grownByFew: number;
}

/** A volume with the messages of two callers: many of the first, few of the second. @returns the storage, as the tenants' file has it. */
async function filled(context: Context, root: string, count: number): Promise<object> {
  const storage = { interface: 'FileSystem', root };
  // Makes the store, which is what the messages are placed into.
  await (await openTenant(await context.folder(), storage))[Symbol.asyncDispose]();
  context.progress(`export: placing ${count} messages`);
  await placeInThreads({
    root,
    as: 'versions',
    tenant: TENANT,
    region: REGION,
    callerHashKey: CALLER_HASH_KEY,
    from: 0,
    to: count + FEW,
    ofOneCaller: count,
    audio: someAudio(AUDIO_BYTES),
    at: Date.now() - 60_000,
  });
  return storage;
}

async function roundOf(context: Context, copies: string, storage: object, count: number): Promise<Round> {
  const dataDir = await context.folder();
  await writeFile(join(dataDir, 'tenants.json'), JSON.stringify([tenantEntry(storage)]));
  await writeFile(join(dataDir, 'caller-hash.key'), CALLER_HASH_KEY, { mode: 0o600 });
  const [zip, files] = [join(copies, 'package.zip'), join(copies, 'files')];
  const megabytes = (count * AUDIO_BYTES) / MB;
  let [ours, grown, grownByFew] = [0, 0, 0];
  {
    await using server = await startServer(dataDir, { counted: false });
    const isCounted = (messages: number): boolean => messages === count + FEW;
    await waitFor('its recount at the start is over', () => countedMessages(server), isCounted, COUNTED);
    const [few, many] = [await exported(server, 1, FEW), await exported(server, 0, count)];
    grownByFew = await growth(server, () => download(server, few, zip));
    let took = 0;
    grown = await growth(server, async () => void (took = await seconds(() => download(server, many, zip))));
    const { size } = await stat(zip);
    if (size < count * AUDIO_BYTES) throw new Error(`the package has ${size} bytes`);
    ours = megabytes / took;
  }
  await mkdir(files);
  await using tenant = await openTenant(dataDir, storage);
  const bare = megabytes / (await seconds(() => copyAll(tenant.stores.master.store, files, count)));
  await rm(copies, { recursive: true });
  return { ours, bare, grown, grownByFew };
}

/** Asks for an export, and waits until it is. @returns the path of its package. */
async function exported({ target }: Server, caller: number, count: number): Promise<string> {
  const phone = callerNumber(caller);
  const answer = await fetch(`http://127.0.0.1:${target.port}/v1/gdpr/exportme?waitSeconds=60`, {
    method: 'POST',
    headers: { ...target.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ consumer: [{ phone }] }),
  });
  const { callers, links } = (await answer.json()) as {
    callers?: Record<string, { messages: number }>;
    links?: { export?: string };
  };
  if (links?.export === undefined || callers?.[phone]?.messages !== count) {
    throw new Error(`an export was answered with ${answer.status}, and does not have its ${count} messages`);
  }
  return links.export;
}

async function download({ target }: Server, path: string, file: string): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${target.port}${path}`, { headers: target.headers });
  if (!answer.ok || answer.body === null) throw new Error(`${path} answered ${answer.status}`);
  await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
}

async function growth({ pid }: Server, work: () => Promise<unknown>): Promise<number> {
  forgetPeakRss(pid);
  const before = readRssBytes(pid);
  await work();
  const peak = readPeakRssBytes(pid);
  if (before === null || peak === null) throw new Error('this system does not say how much memory a process has');
  return (peak - before) / MIB;
}

async function copyAll(store: ObjectStore, folder: string, count: number): Promise<void> {
  await concurrently(count, AT_ONCE, async (index) => {
    const id = placedMessageId(index);
    const opened = await store.get(`${TENANT}/mailboxes/${mailboxOf(index)}/messages/${id}/media.wav`);
    if (opened === null) throw new Error(`${id} has no recording`);
    await writeFile(join(folder, `${id}.wav`), opened.body);
  });
}
