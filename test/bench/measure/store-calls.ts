/** Calls of a store by what they ask for: `put`, `get`, `head`, `list`, `find`, … */
export type Calls = Readonly<Record<string, number>>;

/** What one thing asks of a store, on both sides of a comparison. */
export interface StoreCalls {
  /** The thing: `a deposit`. */
  readonly of: string;
  readonly ours: Calls;
  readonly beside: Calls;
  /** The fewest that ours can be; null: as many as beside it. */
  readonly least: number | null;
}

export const total = (calls: Calls): number => Object.values(calls).reduce((sum, count) => sum + count, 0);

/** The calls of one thing of so many. */
export const callsOfOne = (calls: Calls, count: number): Calls =>
  Object.fromEntries(Object.entries(calls).map(([kind, times]) => [kind, times / count]));
