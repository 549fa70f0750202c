import type { CallerKey, Did, Found, GdprOperation, Intends, RequestEntry, Taken } from './ledger-entry.ts';

/**
 * Where a request is. A forget goes accepted → running → marked → erasing → erased, an undo accepted → running → undone, an export
 * accepted → running → exported. While a region cannot be reached it is `waiting`, also in the middle; `undone` is also a forget that an undo took
 * back. A forget of which only what is under a legal hold is left is `held`, and `marked` again when the hold ends.
 */
export type RequestPhase =
  | 'accepted'
  | 'waiting'
  | 'running'
  | 'marked'
  | 'held'
  | 'erasing'
  | 'erased'
  | 'undone'
  | 'exported'
  | 'failed';

export interface RequestCaller extends CallerKey {
  /** Taken back by a later undo: nothing of this caller is marked or suppressed for this request any more. */
  readonly isUndone: boolean;
  /** null: not counted yet. */
  readonly found: Found | null;
}

/** A request as its ledger entries tell it. */
export interface RequestState {
  readonly requestId: string;
  readonly operation: GdprOperation;
  readonly callers: readonly RequestCaller[];
  readonly cutoff: string;
  readonly takenAt: string;
  readonly deadlineAt: string;
  readonly phase: RequestPhase;
  /** Whether it ever was in force: marks may be there. */
  readonly hasBegun: boolean;
  /** Those that it works on, the master first; none before it began. */
  readonly regions: readonly string[];
  /** Those that it waits for. */
  readonly waitsFor: readonly string[];
  /** How often it was tried, as far as that was told: of attempts that find the same regions down not every one is. */
  readonly attempts: number;
  /** Begun and not known to be done: one for each step and region. */
  readonly intents: readonly Intends[];
  /** What was done so far, in the order in which it began. */
  readonly steps: readonly StepDone[];
  readonly repeats: string | null;
  /** Whether the numbers as they were sent are kept. */
  readonly hasNumbers: boolean;
  readonly reason: string | null;
  /** RFC 3339: of its last entry. */
  readonly updatedAt: string;
  readonly markedAt: string | null;
  readonly erasedAt: string | null;
  /** Since when it is `held`; null: it is not. */
  readonly heldSince: string | null;
  /** When the last hold ends that keeps it `held`; null where one has no end. */
  readonly heldUntil: string | null;
}

/** All that was done of one kind in one region. */
export interface StepDone {
  readonly step: Intends['step'];
  readonly region: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly changed: number;
}

export function newRequest(taken: Taken): RequestState {
  const { requestId, operation, cutoff, deadlineAt, at } = taken;
  return {
    requestId,
    operation,
    callers: taken.callers.map((caller) => ({ ...caller, isUndone: false, found: null })),
    cutoff,
    takenAt: at,
    deadlineAt,
    phase: 'accepted',
    hasBegun: false,
    regions: [],
    waitsFor: [],
    attempts: 0,
    intents: [],
    steps: [],
    repeats: null,
    hasNumbers: true,
    reason: null,
    updatedAt: at,
    markedAt: null,
    erasedAt: null,
    heldSince: null,
    heldUntil: null,
  };
}

/** Phases in which a request has its turn: no later one of the tenant goes on meanwhile. */
export const isUnderWay = ({ phase }: RequestState): boolean =>
  phase === 'accepted' || phase === 'waiting' || phase === 'running';

/** Whether nothing of a request goes on any more. */
export const isOver = ({ phase }: RequestState): boolean =>
  phase === 'erased' || phase === 'undone' || phase === 'exported' || phase === 'failed';

/** Whether a forget asks for marks: it has begun, and was neither ended nor taken back. */
export const isInForce = ({ operation, hasBegun, phase }: RequestState): boolean =>
  operation === 'forgetme' && hasBegun && (phase === 'running' || phase === 'waiting' || isResting(phase));

/** Whether all of a forget is marked, and what is due of it is deleted by the runs of the rule. */
export const isResting = (phase: RequestPhase): boolean => phase === 'marked' || phase === 'held';

/** Whether a forget keeps what comes late from being stored at all. */
export const isSuppressing = ({ operation, phase }: RequestState): boolean =>
  operation === 'forgetme' && (phase === 'erasing' || phase === 'erased');

/** What an entry makes of its request. One that does not belong there, such as a worker's that was overtaken, changes nothing. */
export function nextRequest(request: RequestState, entry: Exclude<RequestEntry, Taken>): RequestState {
  const { phase, operation } = request;
  const to = (change: Partial<RequestState>): RequestState => ({ ...request, updatedAt: entry.at, ...change });
  switch (entry.kind) {
    case 'waiting':
      return isUnderWay(request)
        ? to({ phase: 'waiting', waitsFor: entry.regions, attempts: attemptsOf(request, entry) })
        : request;
    case 'began':
      return isUnderWay(request)
        ? to({
            phase: 'running',
            hasBegun: true,
            regions: entry.regions,
            waitsFor: [],
            attempts: attemptsOf(request, entry),
          })
        : request;
    case 'intends':
      return mayWork(request) ? to({ intents: withIntent(request, entry), steps: withStep(request, entry) }) : request;
    case 'did':
      return request.intents.some((intent) => isSameWork(intent, entry))
        ? to({
            intents: request.intents.filter((intent) => !isSameWork(intent, entry)),
            steps: withDone(request, entry),
          })
        : request;
    case 'marked':
      if (operation !== 'forgetme' || !(phase === 'running' || isResting(phase) || phase === 'erasing')) return request;
      return to({
        ...letGo(request, entry.at),
        phase: 'marked',
        callers: withFound(request.callers, entry.found),
        repeats: request.repeats ?? entry.repeats ?? null,
        markedAt: request.markedAt ?? entry.at,
      });
    case 'held':
      if (operation !== 'forgetme' || !(isResting(phase) || phase === 'erasing')) return request;
      return to({ phase: 'held', heldSince: request.heldSince ?? entry.at, heldUntil: entry.until });
    case 'undone':
      if (operation !== 'undoforget' || phase !== 'running') return request;
      return to({ phase: 'undone', callers: withFound(request.callers, entry.found) });
    case 'exported':
      if (operation !== 'exportme' || phase !== 'running') return request;
      return to({ phase: 'exported', callers: withFound(request.callers, entry.found) });
    case 'erasing':
      return operation === 'forgetme' && isResting(phase)
        ? to({ ...letGo(request, entry.at), phase: 'erasing' })
        : request;
    case 'erased':
      return operation === 'forgetme' && phase === 'erasing' ? to({ phase: 'erased', erasedAt: entry.at }) : request;
    case 'numbers-erased':
      return isOver(request) ? to({ hasNumbers: false }) : request;
    default:
      return isUnderWay(request) || isResting(phase) || phase === 'erasing'
        ? to({ phase: 'failed', waitsFor: [], reason: entry.reason })
        : request;
  }
}

/** Whether an entry has changed what followers of a request are told: where it is, and how far; each batch of a long step is news. */
export const isNews = (before: RequestState | undefined, after: RequestState): boolean =>
  before === undefined ||
  before.phase !== after.phase ||
  before.heldUntil !== after.heldUntil ||
  before.waitsFor.join() !== after.waitsFor.join() ||
  before.steps.length !== after.steps.length ||
  changedBy(before) !== changedBy(after);

const changedBy = ({ steps }: RequestState): number => steps.reduce((sum, { changed }) => sum + changed, 0);

/**
 * What a later undo makes of a forget: the callers that both name are forgotten no more. What was erased stays erased, but is suppressed no
 * more; one without any caller left is undone.
 * @param hashes of the callers of the undo.
 */
export function takeBack(request: RequestState, hashes: ReadonlySet<string>, at: string): RequestState {
  const callers = request.callers.map((caller) =>
    caller.hashes.some((hash) => hashes.has(hash)) ? { ...caller, isUndone: true } : caller,
  );
  if (callers.every((caller, index) => caller.isUndone === request.callers[index]?.isUndone)) return request;
  const isUndone = !isOver(request) && callers.every((caller) => caller.isUndone);
  return { ...request, callers, updatedAt: at, ...(isUndone ? { phase: 'undone' as const } : {}) };
}

/** After an erasure too: what a later search finds all the same is deleted. */
const mayWork = ({ phase }: RequestState): boolean =>
  phase === 'running' || isResting(phase) || phase === 'erasing' || phase === 'erased';

const attemptsOf = (
  request: RequestState,
  { attempts = request.attempts + 1 }: { readonly attempts?: number },
): number => Math.max(request.attempts, attempts);

/** It is held no more. While it was, the time until its deadline stood still. */
function letGo({ heldSince, deadlineAt }: RequestState, at: string): Partial<RequestState> {
  if (heldSince === null) return {};
  const heldMs = Math.max(0, Date.parse(at) - Date.parse(heldSince));
  return { heldSince: null, heldUntil: null, deadlineAt: new Date(Date.parse(deadlineAt) + heldMs).toISOString() };
}

const withFound = (callers: readonly RequestCaller[], found: readonly Found[]): readonly RequestCaller[] =>
  callers.map((caller, index) => ({ ...caller, found: found[index] ?? caller.found }));

const isSameWork = (a: Work, b: Work): boolean => a.step === b.step && a.region === b.region;
type Work = Pick<Intends, 'step' | 'region'>;

/** What was intended before in the same place and never told to be done stays intended. */
function withIntent({ intents }: RequestState, entry: Intends): readonly Intends[] {
  const before = intents.find((intent) => isSameWork(intent, entry));
  const things = [...new Set([...(before?.things ?? []), ...entry.things])];
  return [...intents.filter((intent) => intent !== before), { ...entry, things }];
}

function withStep({ steps }: RequestState, { step, region, at }: Intends): readonly StepDone[] {
  const begun = steps.find((done) => isSameWork(done, { step, region }));
  if (begun === undefined) return [...steps, { step, region, startedAt: at, endedAt: null, changed: 0 }];
  return steps.map((done) => (done === begun ? { ...done, endedAt: null } : done));
}

function withDone({ steps }: RequestState, entry: Did): readonly StepDone[] {
  const { at: endedAt, changed } = entry;
  return steps.map((done) => (isSameWork(done, entry) ? { ...done, endedAt, changed: done.changed + changed } : done));
}
