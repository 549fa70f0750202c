import { createHash } from 'node:crypto';
import type { DeadLetterView, EventAccepted, MessageView, MwiView } from '@voicemail/contracts';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import type { CommandContext, Run } from '../command-context.ts';
import { printJson, type Page } from '../output/print.ts';
import { lampLine, length } from '../output/words.ts';
import { CallError, type Client } from '../server/client.ts';
import { withServer } from '../server/with-server.ts';
import { depositTarget } from './first-tenant.ts';
import { findLamp } from './lamps.ts';
import { readRecording } from './recording-file.ts';

const LOOK_EVERY_MS = 25;
/** Dead letters are looked for less often: most deposits become none. */
const LOOKS_PER_DEAD_LETTER = 20;
/** What is not stored by then is tried again by itself. */
const MAX_WAIT_MS = 30_000;

interface Options {
  readonly mailbox: string;
  readonly caller?: string;
  readonly urgent?: true;
  readonly private?: true;
  readonly region?: string;
  readonly tenant?: string;
  readonly messageId?: string;
  readonly contentType?: string;
}

export function addDeposit(program: Command, run: Run): void {
  program
    .command('deposit')
    .description('put a recording into a mailbox, and wait until it is there and the lamp says so')
    .argument('<file>', 'the recording: WAV, MP3, Ogg, …')
    .requiredOption('--mailbox <number>', 'whose it is')
    .option('--caller <number>', 'who speaks; an anonymous caller unless told')
    .option('--urgent', 'of high priority')
    .option('--private', 'marked private by the caller')
    .option('--region <name>', 'where the recording is kept; the master region unless told')
    .option('--message-id <id>', 'a name of its own, the same for a repetition; made up unless told')
    .option('--tenant <id>', 'the first tenant unless told')
    .option('--content-type <type>', 'the media type; told by the file unless given')
    .action((file: string, options: Options) =>
      run('deposit', async (context) => {
        const recording = await readRecording(file, options.contentType);
        await withServer(context, async (client) => {
          const event = await depositEvent(context, options, recording.contentType);
          await deposit(context, client, options.mailbox, event, recording.bytes);
        });
      }),
    );
}

interface DepositEvent {
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The attributes of a deposit in binary mode (CloudEvents HTTP binding §3.1), percent-encoded as §3.1.3.2 has it. */
async function depositEvent(context: CommandContext, options: Options, contentType: string): Promise<DepositEvent> {
  const { tenant, region } = await depositTarget(context.config, options);
  const messageId = options.messageId ?? context.ids.uuid();
  const attributes = {
    specversion: '1.0',
    type: 'voicemail.deposit.v1',
    source: '/voicemail/deposit',
    id: messageId,
    time: new Date(context.clock.now()).toISOString(),
    subject: `${options.mailbox}/${messageId}`,
    tenant,
    region,
    mailbox: options.mailbox,
    priority: options.urgent === true ? 'urgent' : 'normal',
    private: String(options.private === true),
    ...(options.caller === undefined ? {} : { callerid: options.caller }),
  };
  const encoded = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)]);
  return { messageId, headers: { ...Object.fromEntries(encoded), 'content-type': contentType } };
}

async function deposit(
  context: CommandContext,
  client: Client,
  mailbox: string,
  { messageId, headers }: DepositEvent,
  body: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const messagePath = `/v1/mailboxes/${encodeURIComponent(mailbox)}/messages/${encodeURIComponent(messageId)}`;
  const before = await lampIfCounted(client, mailbox);
  const there = await client.find<MessageView>(messagePath);
  if (there !== null && there.media.sha256 !== createHash('sha256').update(body).digest('hex')) {
    throw new CliError(
      `Mailbox ${mailbox} holds another recording as message ${messageId}: choose another --message-id.`,
    );
  }
  const accepted = await client.call<EventAccepted>('POST', '/v1/events/voicemail.deposits', { headers, body });
  const untilMs = context.clock.monotonicMs() + MAX_WAIT_MS;
  const message = await waitForMessage(context, client, messagePath, accepted, untilMs);
  const mwi = await waitForLamp(context, client, mailbox, there === null ? before : null, untilMs);
  report(context, message, mwi);
}

async function waitForMessage(
  { clock }: CommandContext,
  client: Client,
  path: string,
  accepted: EventAccepted,
  untilMs: number,
): Promise<MessageView> {
  for (let look = 1; ; look += 1) {
    const message = await client.find<MessageView>(path);
    if (message !== null) return message;
    const isOver = clock.monotonicMs() >= untilMs;
    if (isOver || look % LOOKS_PER_DEAD_LETTER === 0) await throwIfDead(client, accepted);
    if (isOver) {
      throw new CliError(
        `The deposit ${accepted.id} is taken and safe in the log: do not send it again. It was not stored after ${MAX_WAIT_MS / 1_000} s, and is tried again by itself (voicemail doctor tells what is in its way), unless a message of this id was deleted before: that one stays deleted.`,
      );
    }
    await clock.sleep(LOOK_EVERY_MS);
  }
}

async function throwIfDead(client: Client, { topic, partition, offset }: EventAccepted): Promise<void> {
  const { items } = await client
    .call<Page<DeadLetterView>>('GET', '/v1/dead-letters?limit=1000')
    .catch((error: unknown): Page<DeadLetterView> => {
      // A region that is down hides its letters; that says nothing about this deposit, which waits for the same region.
      if (error instanceof CallError && error.status === 503) return { items: [] };
      throw error;
    });
  const dead = items.find(
    (letter) => letter.topic === topic && letter.partition === partition && letter.offset === offset,
  );
  if (dead === undefined) return;
  throw new CliError(
    `The deposit was refused: ${dead.reason}, ${dead.detail}. It is kept as the dead letter ${dead.id} (voicemail dead-letters show).`,
  );
}

/** The lamp once it has counted the message; as it is then, where that takes too long. @param before null: as it is. */
async function waitForLamp(
  { clock }: CommandContext,
  client: Client,
  mailbox: string,
  before: MwiView | null,
  untilMs: number,
): Promise<MwiView | null> {
  for (;;) {
    const lamp = await lampIfCounted(client, mailbox);
    if (lamp !== null && !lamp.stale && lamp.revision > (before?.revision ?? -1)) return lamp;
    if (clock.monotonicMs() >= untilMs) return lamp;
    await clock.sleep(LOOK_EVERY_MS);
  }
}

/** null also while it cannot be told: the message is stored, and a lamp that takes longer is no failure. */
async function lampIfCounted(client: Client, mailbox: string): Promise<MwiView | null> {
  try {
    return await findLamp(client, mailbox);
  } catch (error) {
    if (error instanceof CallError && error.status === 503) return null;
    throw error;
  }
}

function report(context: CommandContext, message: MessageView, mwi: MwiView | null): void {
  if (context.json) return printJson(context, { message, mwi });
  const { terminal } = context;
  const { messageId, mailbox, durationMs, region, media } = message;
  terminal.print(`message ${messageId}\n`);
  terminal.print(`in mailbox ${mailbox}, ${length(durationMs)} of ${media.contentType}, region ${region}\n`);
  terminal.print(mwi === null ? 'lamp not counted yet\n' : `${lampLine(mwi, terminal)}\n`);
}
