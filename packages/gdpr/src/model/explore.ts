/** One actor's place in the protocol: its step, and what it remembers. */
export interface Place {
  readonly at: number;
  readonly knows: readonly (string | number)[];
}

/** A step of an actor: every state that may come next, none where it waits or is done. */
export type Actor<S> = (state: S, place: Place) => readonly (readonly [S, Place])[];

export interface Explored {
  readonly states: number;
  readonly ends: number;
  /** What is wrong at some end, and at how many. */
  readonly faults: ReadonlyMap<string, number>;
}

/** An actor that is done, and one that stopped for good. */
export const DONE = 99;
export const STOPPED = -1;

/**
 * Every interleaving of some actors' atomic steps, from one state: each state is looked at once. An end is where every actor that must be done is,
 * and every other is done, has stopped or never began.
 * @param faultsOf what is wrong at an end; `isWhole`: nobody stopped on the way.
 */
export function explore<S>(
  initial: S,
  actors: readonly Actor<S>[],
  mustBeDone: readonly number[],
  faultsOf: (state: S, isWhole: boolean) => readonly string[],
): Explored {
  type Node = readonly [S, readonly Place[]];
  const start: Node = [initial, actors.map(() => ({ at: 0, knows: [] }))];
  const seen = new Set([JSON.stringify(start)]);
  const todo: Node[] = [start];
  const faults = new Map<string, number>();
  let ends = 0;
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    const [state, places] = node;
    const isEnd =
      mustBeDone.every((index) => places[index]?.at === DONE) &&
      places.every(({ at }) => at === 0 || at === STOPPED || at === DONE);
    if (isEnd) {
      ends += 1;
      const isWhole = places.every(({ at }) => at === 0 || at === DONE);
      for (const fault of faultsOf(state, isWhole)) faults.set(fault, (faults.get(fault) ?? 0) + 1);
    }
    for (const [index, actor] of actors.entries()) {
      const place = places[index];
      if (place === undefined || place.at === DONE || place.at === STOPPED) continue;
      for (const [next, to] of actor(state, place)) {
        const reached: Node = [next, places.with(index, to)];
        const key = JSON.stringify(reached);
        if (seen.has(key)) continue;
        seen.add(key);
        todo.push(reached);
      }
    }
  }
  return { states: seen.size, ends, faults };
}
