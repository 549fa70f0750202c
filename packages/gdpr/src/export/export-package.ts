import { createHash } from 'node:crypto';
import type { Metadata, RequestState } from '@voicemail/domain';
import type { CallerHit, DeadLetterDocument, TenantStores } from '@voicemail/message-store';
import { ahead } from '@voicemail/runtime';
import { partsOfCaller } from '../find-callers.ts';
import { EXPORT_AHEAD, MAX_AHEAD_BYTES } from '../limits.ts';
import type { CallerLine, LetterLine, MessageLine, Outcome, StagedLine } from './contents.ts';
import { fileNames, INDEX_HTML, INDEX_JSON, type FileNames } from './file-names.ts';
import { indexHtml } from './index-html.ts';
import { indexJson } from './index-json.ts';
import { fetchLetter, fetchRecording, openRecording, openStaged } from './part-fetch.ts';
import { zipOf, type ZipEntry } from './zip.ts';

export interface ExportOptions {
  readonly stores: TenantStores;
  readonly request: RequestState;
  /** In the order of the request's callers; null for each that is erased. */
  readonly numbers: readonly (string | null)[];
  /** ms since the epoch: when the package is made. */
  readonly nowMs: number;
}

/**
 * The package of an export: every message of its callers from the cutoff or before, under its id, their rejected records, and an index of it all
 * for programs and for people. Made of the stores as it is read, and as fast as it is: what it holds is a line of the index for each message, and
 * a few small recordings. What was deleted before its turn is told in the index.
 * @throws RegionGone. StoreError where a region fails: the ZIP has no end then, and does not look whole.
 */
export const exportPackage = (options: ExportOptions): AsyncGenerator<Uint8Array> => zipOf(entriesOf(options));

async function* entriesOf({ stores, request, numbers, nowMs }: ExportOptions): AsyncGenerator<ZipEntry> {
  const names = fileNames();
  /** The file of each thing that had its turn: two numbers of a request may be one caller's. */
  const files = new Map<string, readonly string[]>();
  const callers: CallerLine[] = [];
  const messages: MessageLine[] = [];
  const deadLetters: LetterLine[] = [];
  const cutoffMs = Date.parse(request.cutoff);
  for (const [index, { found }] of request.callers.entries()) {
    const number = numbers[index] ?? null;
    const own: string[] = [];
    callers.push({ caller: number ?? `caller-${index + 1}`, erased: number === null, found, files: own });
    if (number === null) continue;
    const begin = (hit: CallerHit): Promise<Begun> => beginHit(stores, hit, files.has(nameOf(hit)));
    for await (const { hit, fetched } of ahead(partsOfCaller(stores, number, cutoffMs), EXPORT_AHEAD, begin)) {
      const name = nameOf(hit);
      if (!files.has(name)) {
        if (hit.kind === 'message') {
          const line = yield* messageEntry(stores, hit.message.value, fetched, names);
          messages.push(line);
          files.set(name, named([line.file]));
        } else if (hit.kind === 'dead-letter' && hit.letter !== null) {
          const line = yield* letterEntry(stores, hit.letter, names);
          deadLetters.push(line);
          files.set(name, named([line.file, line.staged?.file ?? null]));
        }
      }
      own.push(...(files.get(name) ?? []));
    }
  }
  const contents = {
    requestId: request.requestId,
    tenant: stores.tenant,
    cutoff: request.cutoff,
    createdAt: new Date(nowMs).toISOString(),
    callers,
    messages: byTime(messages, ({ depositedAt }) => depositedAt),
    deadLetters: byTime(deadLetters, ({ takenAt }) => takenAt),
  };
  yield { name: INDEX_JSON, modifiedMs: nowMs, content: indexJson(contents) };
  yield { name: INDEX_HTML, modifiedMs: nowMs, content: indexHtml(contents) };
}

/** What a search found, and a small recording's bytes or what became of it; null: whatever it is is read in its turn. */
interface Begun {
  readonly hit: CallerHit;
  readonly fetched: Uint8Array | Outcome | null;
}

async function beginHit(stores: TenantStores, hit: CallerHit, isThere: boolean): Promise<Begun> {
  const isAhead = hit.kind === 'message' && !isThere && hit.message.value.media.size <= MAX_AHEAD_BYTES;
  return { hit, fetched: isAhead ? await fetchRecording(stores, hit.message.value) : null };
}

const nameOf = ({ owner, id }: CallerHit): string => `${owner}/${id}`;

async function* messageEntry(
  stores: TenantStores,
  message: Metadata,
  fetched: Begun['fetched'],
  names: FileNames,
): AsyncGenerator<ZipEntry, MessageLine> {
  const { mailbox, messageId, depositedAt } = message;
  const opened = fetched ?? (await openRecording(stores, message));
  if (opened === 'gone') return { mailbox, messageId, status: 'gone', file: null };
  if (typeof opened === 'string') return messageLine(message, 'recording-missing', null);
  const name = names.ofMessage(message);
  const modifiedMs = Date.parse(depositedAt);
  if (opened instanceof Uint8Array) yield { name, modifiedMs, content: opened };
  else {
    try {
      yield { name, modifiedMs, content: opened.content };
    } finally {
      await opened.close();
    }
  }
  return messageLine(message, 'included', name);
}

function messageLine(message: Metadata, status: Outcome, file: string | null): MessageLine {
  const { mailbox, messageId, callerId, state, priority, durationMs, depositedAt, region, media } = message;
  const { forwardedFrom, forgetMarkedAt } = message;
  return {
    mailbox,
    messageId,
    status,
    file,
    callerId,
    state,
    priority,
    private: message.private,
    durationMs,
    depositedAt,
    region,
    contentType: media.contentType,
    size: media.size,
    sha256: media.sha256,
    ...(forwardedFrom === undefined ? {} : { forwardedFrom }),
    ...(forgetMarkedAt === undefined ? {} : { forgetMarkedAt }),
  };
}

async function* letterEntry(
  stores: TenantStores,
  letter: DeadLetterDocument,
  names: FileNames,
): AsyncGenerator<ZipEntry, LetterLine> {
  const { id, topic, reason, takenAt, region, headers } = letter;
  const content = await fetchLetter(stores, letter);
  if (typeof content === 'string') return { id, status: content, file: null };
  const file = names.ofLetter(letter);
  yield { name: file, modifiedMs: Date.parse(takenAt), content };
  const sha256 = createHash('sha256').update(content).digest('hex');
  const line = { id, topic, reason, takenAt, region, headers, size: content.length, sha256 };
  const staged =
    letter.stagedKey === null ? {} : { staged: yield* stagedEntry(stores, letter, letter.stagedKey, names) };
  return { ...line, status: 'included', file, ...staged };
}

async function* stagedEntry(
  stores: TenantStores,
  letter: DeadLetterDocument,
  key: string,
  names: FileNames,
): AsyncGenerator<ZipEntry, StagedLine> {
  const opened = await openStaged(stores, key);
  if (opened === null) return { file: null };
  const file = names.ofStaged(letter, key);
  const hash = createHash('sha256');
  let size = 0;
  const read = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of opened.content) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  try {
    yield { name: file, modifiedMs: Date.parse(letter.takenAt), content: read() };
  } finally {
    await opened.close();
  }
  return { file, size, sha256: hash.digest('hex') };
}

const named = (files: readonly (string | null)[]): readonly string[] => files.filter((file) => file !== null);

/** What is gone has no time, and comes last. */
const byTime = <T>(lines: readonly T[], timeOf: (line: T) => string | undefined): readonly T[] =>
  lines.toSorted((a, b) => ((timeOf(a) ?? '~') < (timeOf(b) ?? '~') ? -1 : 1));
