import type { Leftover } from '../port.ts';

/** One entry for each kind of thing and reason; it lasts as long as the last of them. */
export function leftoversOf(single: readonly Leftover[]): readonly Leftover[] {
  const together = new Map<string, Leftover>();
  for (const one of single) {
    const kind = JSON.stringify([one.what, one.why]);
    const before = together.get(kind);
    together.set(kind, before === undefined ? one : joined(before, one));
  }
  return [...together.values()];
}

const joined = (a: Leftover, b: Leftover): Leftover => ({
  ...a,
  count: a.count + b.count,
  until: a.until === null || b.until === null ? null : Math.max(a.until, b.until),
});
