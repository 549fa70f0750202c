/**
 * The names in an object's versions folder. A claim is `<chain>~<number>`: the chain is the etag of its first version, so
 * no name is ever used again, and whoever removes a file by its name, however late, removes what it meant to.
 */
export interface ClaimName {
  readonly name: string;
  readonly chain: string;
  readonly number: number;
}

export interface VersionsFolder {
  /** The object's present version, or null if it has none. */
  readonly highest: ClaimName | null;
  /** The claims below it in its chain, from the lowest. */
  readonly superseded: readonly ClaimName[];
  /** Every other name there: data files, what is left of a chain that ended, claims that lost. */
  readonly others: readonly string[];
}

/** Superseded claims that stay, so that a writer who was slow by no more than this finds its number taken. */
export const WINDOW_VERSIONS = 16;

export const claimOf = (chain: string, number: number): ClaimName => ({ name: `${chain}~${number}`, chain, number });
export const claimAfter = ({ chain, number }: ClaimName): ClaimName => claimOf(chain, number + 1);
/** Null before the first. */
export const claimBefore = ({ chain, number }: ClaimName): ClaimName | null =>
  number === 1 ? null : claimOf(chain, number - 1);

/** A data file's name tells when it was written, so that a sweep knows the age of one that no claim refers to. */
export const dataName = (etag: string, at: number): string => `${etag}-${at}.data`;

/** When a data file was written, or null for any other name. */
export function dataWrittenAt(name: string): number | null {
  const found = /^[0-9a-f]+-(\d+)\.data$/.exec(name);
  return found === null ? null : Number(found[1]);
}

/** The claim of that name, or null for any other name. */
export function parseClaimName(name: string): ClaimName | null {
  const found = /^([0-9a-f]+)~(\d+)$/.exec(name);
  return found === null ? null : { name, chain: found[1] ?? '', number: Number(found[2]) };
}

/**
 * Reads a folder's names. A claim counts if it is the first of its chain or the one before it is there: the one before
 * the present version always stays, so a claim without one was made by a writer who slept while its number was cleaned
 * away. A chain begins by a folder taking the place of an empty one, so no more than one chain counts.
 */
export function readNames(names: readonly string[]): VersionsFolder {
  const claims = names.map(parseClaimName).filter((claim) => claim !== null);
  claims.sort((a, b) => a.number - b.number);
  const there = new Set(names);
  const counts = (claim: ClaimName): boolean => {
    const before = claimBefore(claim);
    return before === null || there.has(before.name);
  };
  const highest = claims.findLast(counts) ?? null;
  const superseded = claims.filter((claim) => claim.chain === highest?.chain && claim.number < highest.number);
  const own = new Set([...superseded, ...(highest === null ? [] : [highest])].map(({ name }) => name));
  const others = names.filter((name) => !own.has(name));
  return { highest, superseded, others };
}
