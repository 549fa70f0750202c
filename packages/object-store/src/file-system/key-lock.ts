/** One at a time per key, within this process: who would lose the race on the volume waits here instead. */
export interface KeyLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Whether somebody holds the key now. */
  isHeld(key: string): boolean;
}

export function keyLock(): KeyLock {
  const last = new Map<string, Promise<unknown>>();
  return {
    isHeld: (key) => last.has(key),
    run: async (key, work) => {
      const before = last.get(key) ?? Promise.resolve();
      const mine = before.then(work, work);
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
  };
}
