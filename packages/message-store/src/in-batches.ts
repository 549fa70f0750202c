/** Runs `task` on every item, at most `size` at once, and gives the answers in the order of the items. */
export async function* inBatches<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield* await Promise.all(batch.map(task));
    batch = [];
  }
  yield* await Promise.all(batch.map(task));
}
