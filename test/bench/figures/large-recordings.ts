import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { binaryRequest } from '@voicemail/testing';
import type { Context, Figure } from '../figure.ts';
import { concurrently } from '../load/concurrently.ts';
import { mailboxOf, someAudio, someDeposit } from '../load/deposits.ts';
import { comparison, type Comparison } from '../measure/comparison.ts';
import { forgetPeakRss, readPeakRssBytes, readRssBytes } from '../measure/process-io.ts';
import { rounds } from '../measure/rounds.ts';
import { waitUntilCounted } from '../processes/drained.ts';
import { startServer, type Server } from '../processes/server.ts';
import { tenantEntry } from '../stored/parts.ts';
import type { StoreHost } from '../stores/host.ts';
import { onEveryKind } from '../stores/kinds.ts';

const MIB = 1_024 ** 2;
const AUDIO_BYTES = 30 * MIB;
const QUICK_AUDIO_BYTES = 10 * MIB;
/** Enough to be staged, as the large ones are. */
const FIRST_AUDIO_BYTES = 5 * MIB;
const AT_ONCE = 8;
const ROUNDS = 3;
const MAX_GROWTH_MIB = 64;
const [ACCEPTED, OK] = [202, 200];

/** MiB by which a server's resident memory grew at most, beyond what it had before. */
interface Growth {
  readonly sending: number;
  readonly listening: number;
}

export const largeRecordings: Figure = {
  name: 'large-recordings',
  about: 'by how much memory grows while 8 recordings of 30 MiB come in, and go out, ÷ one at a time; on every store',
  run: (context) => onEveryKind(context, 'large-recordings', (host) => compareOn(context, host)),
};

async function compareOn(context: Context, host: StoreHost): Promise<readonly Comparison[]> {
  const audio = Buffer.from(someAudio(context.quick ? QUICK_AUDIO_BYTES : AUDIO_BYTES));
  const counted = await rounds(
    context,
    `large-recordings, ${host.kind}`,
    async () => ({
      ours: await growthOf(context, host, AT_ONCE, audio),
      beside: await growthOf(context, host, 1, audio),
    }),
    { count: ROUNDS, warmsUp: false },
  );
  const compare = (name: string, what: keyof Growth): Comparison =>
    comparison(
      {
        name: `large-recordings, ${host.kind}, ${name}`,
        unit: 'MiB grown',
        ours: `the server, ${AT_ONCE} recordings of ${audio.length / MIB} MiB at once, on ${host.by}`,
        beside: 'the same, one at a time',
        aim: { atMost: MAX_GROWTH_MIB },
        aimOf: 'ours',
      },
      counted.map(({ ours, beside }) => ({ ours: { value: ours[what] }, beside: { value: beside[what] } })),
    );
  return [compare('in', 'sending'), compare('out', 'listening')];
}

/**
 * Of a fresh server that has taken one of 5 MiB: sends the large ones, waits until all are stored and counted, then
 * listens to them. What a process was given once it seldom gives back, so each round has a server of its own.
 */
async function growthOf(context: Context, host: StoreHost, atOnce: number, audio: Buffer): Promise<Growth> {
  const dataDir = await context.folder();
  const place = await host.makePlace();
  await writeFile(join(dataDir, 'tenants.json'), JSON.stringify([tenantEntry(await place.storage())]));
  const growth = await growthOn(dataDir, atOnce, audio);
  // Of what one round leaves, another store has no room for many.
  await host.clear();
  return growth;
}

async function growthOn(dataDir: string, atOnce: number, audio: Buffer): Promise<Growth> {
  await using server = await startServer(dataDir, { counted: false });
  await send(server, 'first', 0, audio.subarray(0, FIRST_AUDIO_BYTES));
  await waitUntilCounted(server, 1);
  const sending = await grown(server, async () => {
    await concurrently(AT_ONCE, atOnce, (index) => send(server, 'large', index, audio));
    await waitUntilCounted(server, 1 + AT_ONCE);
  });
  const listening = await grown(server, () =>
    concurrently(AT_ONCE, atOnce, (index) => listen(server, 'large', index, audio.length)),
  );
  return { sending, listening };
}

async function grown({ pid }: Server, work: () => Promise<unknown>): Promise<number> {
  forgetPeakRss(pid);
  const before = readRssBytes(pid);
  await work();
  const peak = readPeakRssBytes(pid);
  if (before === null || peak === null) throw new Error('this system does not say how much memory a process has');
  return (peak - before) / MIB;
}

async function send({ target }: Server, load: string, index: number, audio: Buffer): Promise<void> {
  const { path, headers } = binaryRequest(someDeposit(load, index, audio.subarray(0, 1)));
  const call = request({
    host: '127.0.0.1',
    port: target.port,
    method: 'POST',
    path,
    headers: { ...target.headers, ...headers, 'content-length': audio.length },
  });
  const answered = once(call, 'response');
  Readable.from(slices(audio)).pipe(call);
  const [answer] = (await answered) as [Readable & { statusCode: number }];
  const said = Buffer.concat((await answer.toArray()) as Buffer[]).toString();
  if (answer.statusCode !== ACCEPTED) throw new Error(`a recording was answered with ${answer.statusCode}: ${said}`);
}

function* slices(audio: Buffer): Generator<Buffer> {
  const sliceBytes = 65_536;
  for (let at = 0; at < audio.length; at += sliceBytes) yield audio.subarray(at, at + sliceBytes);
}

async function listen({ target }: Server, load: string, index: number, size: number): Promise<void> {
  const path = `/v1/mailboxes/${mailboxOf(index)}/messages/${load}-${index}/media`;
  const call = request({ host: '127.0.0.1', port: target.port, path, headers: target.headers });
  call.end();
  const [answer] = (await once(call, 'response')) as [Readable & { statusCode: number }];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) bytes += chunk.length;
  if (answer.statusCode !== OK || bytes !== size) throw new Error(`${path} gave ${bytes} bytes`);
}
