import type { GdprStep, RequestState } from '@voicemail/domain';
import type { NewRecord } from '@voicemail/event-log';
import { ahead } from '@voicemail/runtime';
import { nowText, type Turn } from './context.ts';
import { MAX_BATCH_THINGS, WORK_CONCURRENCY } from './limits.ts';
import { tell } from './tell.ts';
import { parseThing, type Thing } from './things.ts';

/**
 * Work on one thing.
 * @param isResumed an earlier attempt told that it would do it, and not that it had: what it did is found as it left it.
 */
export type Work = (thing: Thing, isResumed: boolean) => Promise<Done>;

/** What was done with one thing. */
export interface Done {
  /** By this attempt or, of what is resumed, by an earlier one. */
  readonly changed: boolean;
  /** To be announced before what follows. */
  readonly facts: readonly NewRecord[];
  /** What is to be done once that is announced. */
  readonly after?: () => Promise<void>;
}

/**
 * Does one step with things in a region: the ledger first says with which, then they are done and announced, then the ledger says so. What an
 * earlier attempt intended there and did not tell to be done is done again with them.
 * @param things their names; none, and nothing intended: nothing is written.
 */
export async function inRegion(
  turn: Turn,
  request: RequestState,
  { step, region }: { readonly step: GdprStep; readonly region: string },
  things: readonly string[],
  work: Work,
): Promise<number> {
  const { requestId } = request;
  const place = { ledger: turn.ledger, tenant: turn.stores.tenant };
  const standing = turn.ledger.state.requests.get(requestId) ?? request;
  const left = new Set(standing.intents.find((one) => one.step === step && one.region === region)?.things);
  const all = [...new Set([...left, ...things])];
  let total = 0;
  for (let at = 0; at < all.length; at += MAX_BATCH_THINGS) {
    turn.signal.throwIfAborted();
    const batch = all.slice(at, at + MAX_BATCH_THINGS);
    await tell(turn, place, { kind: 'intends', requestId, at: nowText(turn), step, region, things: batch });
    const changed = await doAll(turn, batch, left, work);
    await tell(turn, place, { kind: 'did', requestId, at: nowText(turn), step, region, changed });
    total += changed;
  }
  return total;
}

/**
 * A window of so many moves along the names, in their order: the next is begun when the first of the window is done, not when any is. When so
 * many are done their facts go to the log together, and then what is to be done after them. Those that are begun go on meanwhile, and none is
 * begun. Where one fails none is begun any more, and what was done is announced.
 */
async function doAll(turn: Turn, names: readonly string[], left: ReadonlySet<string>, work: Work): Promise<number> {
  const failures: unknown[] = [];
  let isCutShort = false;
  function* begun(): Generator<string, undefined> {
    for (const name of names) {
      isCutShort = turn.signal.aborted || failures.length > 0;
      if (isCutShort) return;
      yield name;
    }
  }
  const outcome = (name: string): Promise<Done | null> =>
    work(parseThing(name), left.has(name)).catch((error: unknown) => {
      failures.push(error);
      return null;
    });
  let changed = 0;
  const done: Done[] = [];
  const announce = async (): Promise<void> => {
    const told = done.splice(0);
    const facts = told.flatMap((one) => one.facts);
    if (facts.length > 0) await turn.log.append(facts);
    await Promise.all(told.map(async (one) => one.after?.()));
    changed += told.filter((one) => one.changed).length;
  };
  for await (const one of ahead(begun(), WORK_CONCURRENCY, outcome)) {
    if (one !== null) done.push(one);
    if (done.length === WORK_CONCURRENCY) await announce();
  }
  await announce();
  if (failures.length > 0) throw failures[0];
  if (isCutShort) turn.signal.throwIfAborted();
  return changed;
}
