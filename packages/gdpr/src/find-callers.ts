import type { Metadata, RequestState } from '@voicemail/domain';
import {
  findRegion,
  readNumbers,
  searchCaller,
  searchHashes,
  soughtHashes,
  type CallerHit,
  type DeadLetterDocument,
  type TenantStores,
} from '@voicemail/message-store';
import { RegionGone } from './region-gone.ts';

/** What a search found of one caller, of what is part of the request. */
export interface CallerFinds {
  /** Every keyed hash by which the ledger may know the caller; none for one that was not searched. */
  readonly hashes: readonly string[];
  readonly messages: readonly Metadata[];
  /** Of each message, as it was found. */
  readonly etags: ReadonlyMap<Metadata, string>;
  readonly letters: readonly DeadLetterDocument[];
  readonly leftovers: readonly Extract<CallerHit, { kind: 'leftover' }>[];
  /** Dead letters whose process died before it described them: a sweep removes them. */
  readonly halfLetters: number;
}

/**
 * Searches every region for the callers of a request, one after the other; those that were taken back find nothing.
 * @returns in the order of the callers.
 * @throws RegionGone. StoreError where a region is down.
 */
export async function findCallers(stores: TenantStores, request: RequestState): Promise<readonly CallerFinds[]> {
  const numbers = await readNumbers(stores, request.requestId);
  const cutoffMs = request.operation === 'undoforget' ? Number.POSITIVE_INFINITY : Date.parse(request.cutoff);
  const all: CallerFinds[] = [];
  for (const [index, caller] of request.callers.entries()) {
    const number = numbers?.[index] ?? null;
    all.push(caller.isUndone || number === null ? NOTHING : await findCaller(stores, number, cutoffMs));
  }
  return all;
}

const NOTHING: CallerFinds = {
  hashes: [],
  messages: [],
  etags: new Map(),
  letters: [],
  leftovers: [],
  halfLetters: 0,
};

/** What is from `cutoffMs` or before of one caller. @throws RegionGone. StoreError where a region is down. */
export const findCaller = (stores: TenantStores, number: string, cutoffMs: number): Promise<CallerFinds> =>
  gather(soughtHashes(stores, number), partsOf(stores, searchCaller(stores, number), cutoffMs));

/** Its messages and dead letters, one after the other as they are found, without what stopped attempts left. */
export const partsOfCaller = (stores: TenantStores, number: string, cutoffMs: number): AsyncGenerator<CallerHit> =>
  partsOf(stores, searchCaller(stores, number, { leftovers: false }), cutoffMs);

/** What there is again of a request's erased callers, whose numbers are gone: by their keyed hashes, in the order of the callers. */
export async function findErased(
  stores: TenantStores,
  { callers, cutoff }: RequestState,
): Promise<readonly CallerFinds[]> {
  const all: CallerFinds[] = [];
  for (const { hashes, isUndone } of callers) {
    const search = (): Promise<CallerFinds> =>
      gather(hashes, partsOf(stores, searchHashes(stores, hashes), Date.parse(cutoff)));
    all.push(isUndone ? NOTHING : await search());
  }
  return all;
}

async function* partsOf(
  stores: TenantStores,
  hits: AsyncIterable<CallerHit>,
  cutoffMs: number,
): AsyncGenerator<CallerHit> {
  for await (const hit of hits) {
    if (hit.time !== null && Date.parse(hit.time) > cutoffMs) continue;
    for (const { region } of hit.places) if (findRegion(stores, region) === null) throw new RegionGone(region);
    yield hit;
  }
}

async function gather(hashes: readonly string[], parts: AsyncIterable<CallerHit>): Promise<CallerFinds> {
  const etags = new Map<Metadata, string>();
  const letters: DeadLetterDocument[] = [];
  const leftovers: CallerFinds['leftovers'][number][] = [];
  let halfLetters = 0;
  for await (const hit of parts) {
    if (hit.kind === 'message') etags.set(hit.message.value, hit.message.etag);
    else if (hit.kind === 'leftover') leftovers.push(hit);
    else if (hit.letter !== null) letters.push(hit.letter);
    else halfLetters += 1;
  }
  return { hashes, messages: [...etags.keys()], etags, letters, leftovers, halfLetters };
}

/** The keyed hashes of a message's caller, as a verdict needs them. */
export const hashesOf = (stores: TenantStores, message: Metadata): readonly string[] =>
  soughtHashes(stores, message.callerId);
