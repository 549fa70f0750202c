import type { StoreOperation } from '../layers/around.ts';
import { checkPrefix, compareKeys } from '../key.ts';
import type { ListedObject } from '../port.ts';
import type { Account, Request } from './account.ts';
import { decodeName, encodeName } from './blob-names.ts';
import { tagQuery } from './index-tags.ts';

/** What the service gives at most. */
const PAGE_ITEMS = 5_000;

interface Page<T> {
  readonly items: readonly T[];
  readonly marker: string | undefined;
}

/** Every item of a listing, one request for each page, as they are asked for. */
async function* itemsOf<T>(
  account: Account,
  operation: StoreOperation,
  prefix: string,
  page: (...args: [...Parameters<Request<T>>, marker: string | undefined]) => Promise<Page<T>>,
): AsyncGenerator<T> {
  let marker: string | undefined;
  do {
    const asked = marker;
    const { items, marker: next } = await account.call(operation, prefix, (connection, signal) =>
      page(connection, signal, asked),
    );
    yield* items;
    marker = next;
  } while (marker !== undefined && marker !== '');
}

/** Where a listing is to begin that goes on after `after`; null where nothing below the prefix comes after it. */
function startOf(prefix: string, after: string | undefined): { readonly startFrom?: string } | null {
  if (after === undefined || compareKeys(after, prefix) <= 0) return {};
  return after.startsWith(prefix) ? { startFrom: encodeName(after) } : null;
}

/** The objects below a prefix, in order of their keys: that of their names, which is the service's. List Blobs, 5,000 a request. */
export async function* listObjects(
  account: Account,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<ListedObject> {
  checkPrefix('list', prefix);
  const start = startOf(prefix, after);
  if (start === null) return;
  const options = { prefix: encodeName(prefix), ...start };
  const blobs = itemsOf(account, 'list', prefix, async ({ container }, abortSignal, marker) => {
    const pages = container.listBlobsFlat({ ...options, abortSignal }).byPage(pageOf(marker));
    const { segment, continuationToken } = valueOf(await pages.next());
    return { items: segment.blobItems, marker: continuationToken };
  });
  for await (const { name, properties } of blobs) {
    const key = decodeName(name);
    // The beginning is included, and an older service knows no beginning.
    if (key === null || key.endsWith('/') || (after !== undefined && compareKeys(key, after) <= 0)) continue;
    yield { key, size: properties.contentLength ?? 0, lastModified: properties.lastModified.getTime() };
  }
}

/** The names of the folders right below a prefix, in the order of the keys in them. List Blobs with a delimiter. */
export async function* listFolders(
  account: Account,
  prefix: string,
  after: string | undefined,
): AsyncGenerator<string> {
  checkPrefix('folders', prefix);
  const last = after === undefined ? undefined : `${prefix}${after}/`;
  // `0` comes right after the slash: with it nothing of the last folder is looked at again.
  const start = after === undefined ? {} : { startFrom: encodeName(`${prefix}${after}0`) };
  const options = { prefix: encodeName(prefix), ...start };
  const folders = itemsOf(account, 'folders', prefix, async ({ container }, abortSignal, marker) => {
    const pages = container.listBlobsByHierarchy('/', { ...options, abortSignal }).byPage(pageOf(marker));
    const { segment, continuationToken } = valueOf(await pages.next());
    return { items: segment.blobPrefixes ?? [], marker: continuationToken };
  });
  for await (const { name } of folders) {
    const folder = decodeName(name);
    if (folder === null || (last !== undefined && compareKeys(folder, last) <= 0)) continue;
    yield folder.slice(prefix.length, -1);
  }
}

/** The keys below a prefix whose blobs have a tag. Find Blobs by Tags in the container, 5,000 a request, whatever the prefix is. */
export async function* findByTag(
  account: Account,
  prefix: string,
  tag: { readonly name: string; readonly value: string },
): AsyncGenerator<string> {
  checkPrefix('find', prefix);
  const found = itemsOf(account, 'find', prefix, async ({ container }, abortSignal, marker) => {
    const pages = container.findBlobsByTags(tagQuery(tag), { abortSignal }).byPage(pageOf(marker));
    const { blobs, continuationToken } = valueOf(await pages.next());
    return { items: blobs, marker: continuationToken };
  });
  for await (const { name } of found) {
    const key = decodeName(name);
    if (key !== null && !key.endsWith('/') && key.startsWith(prefix)) yield key;
  }
}

const pageOf = (marker: string | undefined) => ({
  maxPageSize: PAGE_ITEMS,
  ...(marker === undefined ? {} : { continuationToken: marker }),
});

/** The one page that was asked for. */
export function valueOf<T>(step: IteratorResult<T, unknown>): T {
  if (step.done === true) throw new Error('a listing without a page');
  return step.value;
}
