/** A request that came to the proxy. */
export interface SeenRequest {
  readonly method: string;
  /** With the query, as it was on the wire. */
  readonly path: string;
}

/** Which requests are meant: all that have everything that is named. */
export interface Selection {
  readonly method?: string;
  /** Found anywhere in the path and its query. */
  readonly path?: string | RegExp;
}

export function isSelected({ method, path }: Selection, seen: SeenRequest): boolean {
  if (method !== undefined && method !== seen.method) return false;
  return path === undefined || (typeof path === 'string' ? seen.path.includes(path) : path.test(seen.path));
}

/** Counts what came, so that a test or a benchmark can tell what an operation costs in calls of the store. */
export class RequestLog {
  #seen: SeenRequest[] = [];

  add(request: SeenRequest): void {
    this.#seen.push(request);
  }

  /** In the order of their coming. */
  all(selection: Selection = {}): readonly SeenRequest[] {
    return this.#seen.filter((seen) => isSelected(selection, seen));
  }

  count(selection: Selection = {}): number {
    return this.all(selection).length;
  }

  /** How many there are of each kind; the kind is the method unless told. */
  tally(kindOf: (request: SeenRequest) => string = ({ method }) => method): Readonly<Record<string, number>> {
    const tally: Record<string, number> = {};
    for (const seen of this.#seen) {
      const kind = kindOf(seen);
      tally[kind] = (tally[kind] ?? 0) + 1;
    }
    return tally;
  }

  /** Counts from nought again. */
  clear(): void {
    this.#seen = [];
  }
}
