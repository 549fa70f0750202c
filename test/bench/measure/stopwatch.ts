/** Measures from the first of so many things that is begun until the last is done: what comes before, such as joining a group, is not in it. */
export interface Stopwatch {
  begun(): void;
  done(count?: number): void;
  /** How many things a second were done; resolves when all are. */
  readonly perSecond: Promise<number>;
}

export function stopwatch(count: number): Stopwatch {
  const { promise, resolve } = Promise.withResolvers<number>();
  let startedMs: number | null = null;
  let done = 0;
  return {
    begun: () => void (startedMs ??= performance.now()),
    done: (more = 1) => {
      done += more;
      if (startedMs !== null && done >= count) resolve((count * 1_000) / (performance.now() - startedMs));
    },
    perSecond: promise,
  };
}
