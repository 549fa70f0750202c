/**
 * Several requests about one caller, and two messages of the caller: one from before the first cutoff, one from between the first and the second. A
 * change of a message is one atomic step here: it is a compare-and-set that is tried until it is won, and `one-request` looks between.
 */

/** What may be switched off, to see that it is needed. */
export type Rule =
  /** A tenant's requests have their turn in the order of their intake. */
  | 'in-order'
  /** While an undo waits, its caller is judged as by requests in force, and nothing of the caller is deleted. */
  | 'undo-that-waits-keeps'
  /** The numbers stay in the document of a request that goes on, though another one's caller is erased. */
  | 'numbers-stay-while-needed'
  /** A request is about what is from its own cutoff or before. */
  | 'own-cutoff'
  /** Only those marks are taken back whose requests ask for nothing any more, also by a ledger that is read after them. */
  | 'marks-in-force-stay'
  /** The deletion rule takes back marks that no request asks for. */
  | 'unasked-marks-go'
  /** The deletion rule deletes what a request in force asks for, whatever is marked. */
  | 'deletes-what-is-asked-for';

type Phase = 'not-asked' | 'accepted' | 'running' | 'marked' | 'erasing' | 'erased' | 'undone';

export interface Request {
  readonly operation: 'forget' | 'undo';
  /** The messages from its cutoff or before: so many of the first. */
  readonly covers: number;
  readonly phase: Phase;
  /** By a later undo. */
  readonly isTakenBack: boolean;
  readonly hasNumbers: boolean;
}

export interface Message {
  readonly meta: 'none' | 'live' | 'stub';
  /** Of requests, by their indexes. */
  readonly marks: readonly number[];
}

export interface World {
  readonly messages: readonly Message[];
  readonly requests: readonly Request[];
  /** How many entries the ledger has. */
  readonly entries: number;
  /** The oldest list that is fresh enough: the bound has passed since. */
  readonly freshFrom: number;
  /** With how many entries the undo that waits is in every list that is fresh enough. */
  readonly undoAt: number;
  /** Who is about to change something by what was decided before, however long ago: deposits, and workers that lost the lease. */
  readonly late: number;
  /** What went wrong on the way. */
  readonly faults: readonly string[];
}

/**
 * @param asked in the order in which they are asked for: the operation, and how many messages it covers.
 * @param messages whether each is there from the start.
 */
export const worldOf = (
  asked: readonly (readonly [Request['operation'], number])[],
  messages: readonly boolean[],
): World => ({
  messages: messages.map((isThere) => ({ meta: isThere ? 'live' : 'none', marks: [] })),
  requests: asked.map(([operation, covers]) => ({
    operation,
    covers,
    phase: 'not-asked',
    isTakenBack: false,
    hasNumbers: true,
  })),
  entries: 0,
  freshFrom: 0,
  undoAt: 0,
  late: 0,
  faults: [],
});

export const isUnderWay = ({ phase }: Request): boolean => phase === 'accepted' || phase === 'running';
export const isOver = ({ phase }: Request): boolean => phase === 'erased' || phase === 'undone';
const hasBegun = ({ phase }: Request): boolean => phase !== 'not-asked' && phase !== 'accepted';
/** Whether an undo waits for its turn. */
export const waitsUndo = (requests: readonly Request[]): boolean =>
  requests.some(({ operation, phase }) => operation === 'undo' && phase === 'accepted');
/** Whether a forget that has begun still asks for something. */
export const asks = (request: Request | undefined): boolean =>
  request !== undefined && request.operation === 'forget' && hasBegun(request) && !request.isTakenBack;

export type Verdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'suppress' }
  | { readonly kind: 'mark'; readonly requests: readonly number[] };

/** What the requests of a list ask to be done with a message. */
export function judge(requests: readonly Request[], of: number, off: Rule | null): Verdict {
  const isKept = off !== 'undo-that-waits-keeps' && waitsUndo(requests);
  const marking: number[] = [];
  for (const [id, request] of requests.entries()) {
    if (!asks(request) || (of >= request.covers && off !== 'own-cutoff')) continue;
    if ((request.phase === 'erasing' || request.phase === 'erased') && !isKept) return { kind: 'suppress' };
    marking.push(id);
  }
  return marking.length === 0 ? { kind: 'none' } : { kind: 'mark', requests: marking };
}

/** Whether a request that asks for it by this list has marked it. */
export function isMarkedInForce(requests: readonly Request[], world: World, of: number, off: Rule | null): boolean {
  const { marks = [] } = world.messages[of] ?? {};
  const verdict = judge(requests, of, off);
  if (marks.length === 0 || verdict.kind === 'none') return false;
  return verdict.kind === 'suppress' || verdict.requests.some((id) => marks.includes(id));
}

/** The list of one who has the lease, as of some entries ago: nobody else tells anything meanwhile but what is asked for. */
export const listAt = ({ requests, undoAt }: World, entries: number): readonly Request[] =>
  undoAt <= entries
    ? requests
    : requests.map((one) =>
        one.operation === 'undo' && one.phase === 'accepted' ? { ...one, phase: 'not-asked' } : one,
      );
/** Whether a list of so many entries may still be gone by; the ledger's may be in any case. */
export const isFresh = ({ freshFrom }: World, entries: number): boolean => entries >= freshFrom;

export const boundPasses = (world: World): World => ({ ...world, freshFrom: world.entries });
export const faulty = (world: World, fault: string): World =>
  world.faults.includes(fault) ? world : { ...world, faults: [...world.faults, fault].toSorted() };

export const put = (world: World, of: number, message: Message): World => ({
  ...world,
  messages: world.messages.with(of, message),
});
export const request = (world: World, id: number, change: Partial<Request>): World => {
  const standing = world.requests[id];
  return standing === undefined ? world : { ...world, requests: world.requests.with(id, { ...standing, ...change }) };
};

/** An entry of the ledger. An undo that begins takes back every forget that has begun before it. */
export function tell(world: World, id: number, phase: Phase): World {
  const told = request({ ...world, entries: world.entries + 1 }, id, { phase });
  if (told.requests[id]?.operation !== 'undo') return told;
  if (phase === 'accepted') return { ...told, undoAt: told.entries };
  if (phase !== 'running') return told;
  const requests = told.requests.map((other) => {
    if (other.operation !== 'forget' || !hasBegun(other) || other.isTakenBack) return other;
    return { ...other, isTakenBack: true, phase: other.phase === 'erased' ? other.phase : ('undone' as const) };
  });
  return { ...told, requests };
}
