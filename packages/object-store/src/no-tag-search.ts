import { checkPrefix } from './key.ts';
import { StoreError } from './store-error.ts';

/** What `find` is where a store has no search by tags: refused, as the port says. */
export function noTagSearch(prefix: string): AsyncIterable<string> {
  const refuse = async (): Promise<never> => {
    checkPrefix('find', prefix);
    throw new StoreError('unsupported', 'find', prefix, 'the store finds nothing by its tags: ask an index');
  };
  return { [Symbol.asyncIterator]: () => ({ next: refuse }) };
}
