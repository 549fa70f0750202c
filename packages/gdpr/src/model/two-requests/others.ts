import { DONE, type Actor, type Place } from '../explore.ts';
import { mark } from './changes.ts';
import { isFresh, judge, put, tell, type Rule, type Verdict, type World } from './world.ts';

const place = (at: number, ...knows: (string | number)[]): Place => ({ at, knows });

/** Those who ask: one request after the other, at any time. */
export const asking: Actor<World> = (world, { at }) => {
  if (at < world.requests.length) {
    const next = at + 1 === world.requests.length ? DONE : at + 1;
    return [[tell(world, at, 'accepted'), place(next)]];
  }
  return [];
};

/** A deposit of one of the messages, at any time. Its attempts are in `one-request`. */
export function deposit(of: number, off: Rule | null): Actor<World> {
  return (world, { at, knows }) => {
    const message = world.messages[of] ?? { meta: 'none', marks: [] };
    const [verdict, entries] = knows;
    const now = verdictOf(judge(world.requests, of, off));
    switch (at) {
      case 0:
        return [[world, place(1, now, world.entries)]];
      case 1:
        if (verdict === SUPPRESS) return [[put(world, of, { meta: 'stub', marks: [] }), place(DONE)]];
        return [[message.meta === 'none' ? put(world, of, { meta: 'live', marks: [] }) : world, place(2, ...knows)]];
      case 2: {
        const late = { ...world, late: world.late + 1 };
        const reloaded = place(3, now);
        return isFresh(world, Number(entries))
          ? [
              [late, place(3, verdict ?? NONE)],
              [late, reloaded],
            ]
          : [[late, reloaded]];
      }
      default: {
        const done = { ...world, late: world.late - 1 };
        // What it deletes was decided before whatever came since.
        if (verdict === SUPPRESS) return [[put(done, of, { meta: 'stub', marks: [] }), place(DONE)]];
        return [[verdict === NONE ? done : mark(done, of, Number(verdict), world.requests, off), place(DONE)]];
      }
    }
  };
}

const NONE = 'none';
const SUPPRESS = 'suppress';
/** What a deposit remembers of it: the first request that asks for a mark is enough. */
const verdictOf = (verdict: Verdict): string | number =>
  verdict.kind === 'mark' ? (verdict.requests[0] ?? NONE) : verdict.kind;
