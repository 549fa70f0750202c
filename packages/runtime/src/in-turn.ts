/** Runs pieces of work with one name one after the other, and others beside them. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

export function inTurn(): InTurn {
  /** The end of the last piece of work of each name that is worked on. */
  const tails = new Map<string, Promise<void>>();
  return async (name, work) => {
    const before = tails.get(name);
    const { promise: tail, resolve: letGo } = Promise.withResolvers<void>();
    tails.set(name, tail);
    try {
      await before;
      return await work();
    } finally {
      letGo();
      if (tails.get(name) === tail) tails.delete(name);
    }
  };
}
