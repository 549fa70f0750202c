const END = Symbol('end');

/**
 * Begins up to `count` tasks before their answers are asked for, and gives the answers in the order of the items. Nobody waits for the next item
 * while an earlier answer is there. A task that failed fails in its turn, after whatever came before it. Who stops early waits for those that are
 * under way.
 */
export async function* ahead<T, R>(
  items: AsyncGenerator<T> | IteratorObject<T, undefined>,
  count: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pull = async (): Promise<R | typeof END> => {
    const next = await items.next();
    return next.done === true ? END : task(next.value);
  };
  const begun: Promise<R | typeof END>[] = [];
  try {
    for (;;) {
      while (begun.length < count) {
        const answer = pull();
        // Told in its turn.
        answer.catch(() => undefined);
        begun.push(answer);
      }
      const first = await begun.shift()!;
      if (first === END) return;
      yield first;
    }
  } finally {
    await Promise.allSettled(begun);
    await items.return?.(undefined);
  }
}
