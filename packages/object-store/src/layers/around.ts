import type { ObjectStore } from '../port.ts';
import { endingBody } from './ended-body.ts';

/** The name of each method of the port, as errors and metrics carry it. */
export type StoreOperation =
  | 'put'
  | 'get'
  | 'head'
  | 'delete'
  | 'copy'
  | 'list'
  | 'folders'
  | 'tag'
  | 'find'
  | 'purge'
  | 'settings'
  | 'check';

/** What a layer does round each call. */
export interface Around {
  call<T>(operation: StoreOperation, key: string | null, run: () => Promise<T>): Promise<T>;
  items<T>(operation: StoreOperation, prefix: string, run: () => AsyncIterable<T>): AsyncIterable<T>;
}

/**
 * A store whose every call goes through `layer`: what the layers share, so that none forgets a method. The body of a put that a layer
 * refuses, or does not wait for any longer, is ended here.
 */
export function around(store: ObjectStore, layer: Around): ObjectStore {
  return {
    capabilities: store.capabilities,
    put: (key, body, options) =>
      endingBody(body, (taken) => layer.call('put', key, () => store.put(key, taken, options))),
    get: (key, options) => layer.call('get', key, () => store.get(key, options)),
    head: (key) => layer.call('head', key, () => store.head(key)),
    delete: (key, options) => layer.call('delete', key, () => store.delete(key, options)),
    copy: (from, to, options) => layer.call('copy', to, () => store.copy(from, to, options)),
    list: (prefix, options) => layer.items('list', prefix, () => store.list(prefix, options)),
    folders: (prefix, options) => layer.items('folders', prefix, () => store.folders(prefix, options)),
    tag: (key, tags, options) => layer.call('tag', key, () => store.tag(key, tags, options)),
    find: (prefix, tag) => layer.items('find', prefix, () => store.find(prefix, tag)),
    purge: (key) => layer.call('purge', key, () => store.purge(key)),
    settings: () => layer.call('settings', null, () => store.settings()),
    check: () => layer.call('check', null, () => store.check()),
  };
}
