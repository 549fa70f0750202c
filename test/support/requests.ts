import type { SeenRequest } from '@voicemail/testing';

/** What a request is paid for as. `deletes` are free at both providers. */
export type PriceClass = 'writes' | 'lists' | 'reads' | 'others' | 'deletes';
export const PRICE_CLASSES: readonly PriceClass[] = ['writes', 'lists', 'reads', 'others', 'deletes'];

const queryOf = (path: string): URLSearchParams => new URL(path, 'http://host').searchParams;

/** "Map each REST operation to a price" of the Azure documentation, standard general purpose v2. */
export function azureClass({ method, path }: SeenRequest): PriceClass {
  const comp = queryOf(path).get('comp');
  if (method === 'DELETE') return 'deletes';
  if (method === 'HEAD') return 'others';
  if (method === 'GET') return comp === 'list' || comp === 'blobs' ? 'lists' : comp === null ? 'reads' : 'others';
  return comp === null || comp === 'block' || comp === 'blocklist' ? 'writes' : 'others';
}

/** "PUT, COPY, POST, LIST requests" and "GET, SELECT, and all other requests" of the Amazon S3 price list. */
export function s3Class({ method, path }: SeenRequest): PriceClass {
  const query = queryOf(path);
  if (method === 'DELETE') return 'deletes';
  if (method === 'PUT' || method === 'POST') return 'writes';
  const isListing = ['list-type', 'versions', 'uploads'].some((name) => query.has(name));
  return isListing ? 'lists' : 'reads';
}
