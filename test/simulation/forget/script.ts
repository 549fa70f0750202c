import fc from 'fast-check';
import { CALLERS } from './callers.ts';

/** What happens in a simulated world, one thing after the other. Numbers that name a thing count among those that are there by then. */
export type Step =
  | {
      readonly do: 'deposit';
      readonly tenant: string;
      readonly mailbox: string;
      /** null: anonymous. */
      readonly caller: Naming | null;
      readonly region: string;
      /** `refused`: for a region that nobody has, so that it becomes a dead letter. */
      readonly how: 'structured' | 'binary' | 'staged' | 'refused';
      /** How long ago it was left, as its publisher says; may be in the future. */
      readonly agoMs: number;
    }
  /** The record of an earlier deposit once more. */
  | { readonly do: 'deposit-again'; readonly of: number }
  | { readonly do: 'read' | 'unread' | 'delete'; readonly of: number }
  | { readonly do: 'forward'; readonly of: number; readonly to: string }
  | {
      readonly do: 'forgetme' | 'undoforget' | 'exportme';
      readonly tenant: string;
      readonly callers: readonly Naming[];
      /** How long ago it was asked for, as its sender says; may be in the future. */
      readonly agoMs: number;
    }
  /** An earlier request once more, under its id. */
  | { readonly do: 'request-again'; readonly of: number }
  /** Everything that is under way gets done. */
  | { readonly do: 'settle' }
  /** The log and the volumes are tidied up. */
  | { readonly do: 'clean' }
  /** Time passes. */
  | { readonly do: 'pass'; readonly ms: number }
  /** The machine sleeps, or its clock is set; backwards where negative. */
  | { readonly do: 'set-clock'; readonly byMs: number }
  /** A region fails every call for so long, while the clock may leap; the process may die meanwhile. Then it answers again. */
  | {
      readonly do: 'outage';
      readonly region: string;
      readonly ms: number;
      readonly leapMs: number;
      readonly dies: boolean;
    }
  /** A legal hold on a caller, or on a message. */
  | { readonly do: 'hold'; readonly tenant: string; readonly caller: Naming }
  | { readonly do: 'hold-message'; readonly of: number }
  /** One of those that are in force ends. */
  | { readonly do: 'release'; readonly of: number }
  | { readonly do: 'restart' }
  /** The process dies in the middle of what is under way, some turns of the event loop from now, and another one starts. */
  | { readonly do: 'die'; readonly afterTurns: number };

/** A caller, and in which spelling. */
export interface Naming {
  readonly caller: number;
  readonly spelling: number;
}

export const TENANTS = ['t100', 't200'];
export const MAILBOXES = ['1001', '1002', '1003'];
export const REGIONS = ['westus2', 'westeurope'];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Objects as a reader writes them: a failing script is printed. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(model, { noNullPrototype: true });

const naming: fc.Arbitrary<Naming> = record({
  caller: fc.integer({ min: 0, max: CALLERS.length - 1 }),
  spelling: fc.nat({ max: 11 }),
});
/** Most things happen in the first tenant: a caller and what becomes of them meet more often. */
const tenant = fc.constantFrom(TENANTS[0]!, TENANTS[0]!, TENANTS[0]!, TENANTS[1]!);
const mailbox = fc.constantFrom(...MAILBOXES);
const one = fc.nat({ max: 999 });
/** Clocks that are right, late, and early. */
const ago = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 4 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.integer({ min: -2 * HOUR_MS, max: 0 }) },
);

const deposit: fc.Arbitrary<Step> = record({
  do: fc.constant('deposit' as const),
  tenant,
  mailbox,
  caller: fc.option(naming, { nil: null, freq: 9 }),
  region: fc.constantFrom(...REGIONS),
  how: fc.constantFrom(
    'structured' as const,
    'structured' as const,
    'binary' as const,
    'staged' as const,
    'refused' as const,
  ),
  agoMs: ago,
});
const request = (operation: 'forgetme' | 'undoforget' | 'exportme'): fc.Arbitrary<Step> =>
  record({
    do: fc.constant(operation),
    tenant,
    callers: fc.uniqueArray(naming, { minLength: 1, maxLength: 2, selector: ({ caller }) => caller }),
    agoMs: ago,
  });
const action: fc.Arbitrary<Step> = record({
  do: fc.constantFrom('read' as const, 'unread' as const, 'delete' as const, 'delete' as const),
  of: one,
});
const forward = record({ do: fc.constant('forward' as const), of: one, to: mailbox });
const again = record({ do: fc.constantFrom('deposit-again' as const, 'request-again' as const), of: one });

const steps: readonly fc.WeightedArbitrary<Step>[] = [
  { weight: 12, arbitrary: deposit },
  { weight: 5, arbitrary: action },
  { weight: 4, arbitrary: forward },
  { weight: 3, arbitrary: again },
  { weight: 5, arbitrary: request('forgetme') },
  { weight: 2, arbitrary: request('undoforget') },
  { weight: 1, arbitrary: request('exportme') },
  { weight: 3, arbitrary: fc.constant<Step>({ do: 'settle' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'clean' }) },
  { weight: 3, arbitrary: record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  {
    weight: 5,
    arbitrary: record({
      do: fc.constant('set-clock' as const),
      byMs: fc.integer({ min: MINUTE_MS, max: 26 * HOUR_MS }),
    }),
  },
  {
    weight: 1,
    arbitrary: record({
      do: fc.constant('set-clock' as const),
      byMs: fc.integer({ min: -3 * HOUR_MS, max: -1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: fc.constant('outage' as const),
      region: fc.constantFrom(...REGIONS),
      ms: fc.integer({ min: 1, max: 90_000 }),
      leapMs: fc.oneof(fc.constant(0), fc.integer({ min: HOUR_MS, max: 26 * HOUR_MS })),
      dies: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: record({ do: fc.constant('hold' as const), tenant, caller: naming }) },
  { weight: 1, arbitrary: record({ do: fc.constant('hold-message' as const), of: one }) },
  { weight: 1, arbitrary: record({ do: fc.constant('release' as const), of: one }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
  {
    weight: 2,
    arbitrary: record({ do: fc.constant('die' as const), afterTurns: fc.nat({ max: 400 }) }),
  },
];

/** At most this many steps: the clock of such a script never comes to where stubs and dead letters have an end of their own. */
const MAX_STEPS = 40;
const MIN_STEPS = 20;
export const script: fc.Arbitrary<readonly Step[]> = fc.array(fc.oneof(...steps), {
  minLength: MIN_STEPS,
  maxLength: MAX_STEPS,
  size: 'max',
});
