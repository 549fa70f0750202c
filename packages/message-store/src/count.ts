/** How many there are, without keeping them. */
export async function count(items: AsyncIterable<unknown>): Promise<number> {
  const iterator = items[Symbol.asyncIterator]();
  let found = 0;
  while ((await iterator.next()).done !== true) found += 1;
  return found;
}
