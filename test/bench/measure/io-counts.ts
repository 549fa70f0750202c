/** What was asked of a disk, so that two sides can be seen to ask the same. */
export interface IoCounts {
  /** Statements that insert, update or delete rows. */
  readonly rows: number;
  /** Transactions of SQLite that ended with COMMIT; each is one wait for the disk under `synchronous = FULL`. */
  readonly commits: number;
  /** `fsync` of files and folders, beside SQLite's own. */
  readonly syncs: number;
  readonly filesMade: number;
  readonly foldersMade: number;
  /** Links and renames. */
  readonly links: number;
  /** Files and folders removed. */
  readonly removed: number;
  /** Bytes that the process made dirty on a disk; `null` where the system does not say. */
  readonly diskBytes: number | null;
}

export const NO_IO: IoCounts = {
  rows: 0,
  commits: 0,
  syncs: 0,
  filesMade: 0,
  foldersMade: 0,
  links: 0,
  removed: 0,
  diskBytes: 0,
};

const NAMES = Object.keys(NO_IO) as readonly (keyof IoCounts)[];

function combine(one: IoCounts, other: IoCounts, with_: (a: number, b: number) => number): IoCounts {
  const pairs = NAMES.map((name) => {
    const [a, b] = [one[name], other[name]];
    return [name, a === null || b === null ? null : with_(a, b)];
  });
  return Object.fromEntries(pairs) as IoCounts;
}

export const since = (before: IoCounts, after: IoCounts): IoCounts => combine(after, before, (a, b) => a - b);
export const sum = (counts: readonly IoCounts[]): IoCounts =>
  counts.reduce((one, other) => combine(one, other, (a, b) => a + b), NO_IO);
/** The counts of one deposit (fact, …) of so many. */
export const perItem = (counts: IoCounts, count: number): IoCounts => combine(counts, NO_IO, (a) => a / count);

/** Rows and commits by the name of the database: its file's, behind that of the folder. */
export type DatabaseCounts = Readonly<Record<string, { readonly rows: number; readonly commits: number }>>;

/** What was done in one of the databases meanwhile: the one whose name ends like that. */
export function databaseSince(
  before: DatabaseCounts,
  after: DatabaseCounts,
  name: string,
): { readonly rows: number; readonly commits: number } {
  const [was, is] = [before, after].map((all) => Object.entries(all).find(([each]) => each.endsWith(name))?.[1]);
  return { rows: (is?.rows ?? 0) - (was?.rows ?? 0), commits: (is?.commits ?? 0) - (was?.commits ?? 0) };
}
