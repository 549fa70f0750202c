import { constants } from 'node:os';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { temporaryStore } from '../testing.ts';
import { storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { steppedFiles } from './stepped-files.ts';

const failing = (code: string): Error => Object.assign(new Error(`${code}: failed`), { code });

describe('an error of the volume', () => {
  it.each([
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['EACCES', 'permission-denied'],
    ['EROFS', 'permission-denied'],
    ['EIO', 'unavailable'],
    ['ESTALE', 'unavailable'],
    ['ENOENT', 'unavailable'],
    ['EMFILE', 'busy'],
    ['ETIMEDOUT', 'timeout'],
    ['EXDEV', 'unknown'],
  ])('%s is %s', (code, kind) => {
    const error = storeError('put', 'a/b', failing(code));
    expect(error).toMatchObject({ kind, operation: 'put', key: 'a/b' });
    expect(error.message).toContain(code);
    expect(error.cause).toMatchObject({ code });
  });

  it('is classified whatever it is, as unknown where nothing is known, and may then be tried again', () => {
    for (const code of Object.keys(constants.errno)) {
      expect(storeError('get', null, failing(code)).kind).not.toBe('not-found');
    }
    for (const other of [new Error('plain'), new TypeError('of ours'), 'text', null, undefined]) {
      expect(storeError('get', 'k', other)).toMatchObject({ kind: 'unknown', retryable: true });
    }
  });

  it('that is the port’s own stays as it is, and a fault gets its call and key', () => {
    const own = new StoreError('busy', 'put', 'k', 'once');
    expect(storeError('get', 'other', own)).toBe(own);
    expect(storeError('get', 'k', new StoreFault('corrupt', 'spoilt'))).toMatchObject({
      kind: 'corrupt',
      message: 'get k: spoilt',
    });
  });

  it('reaches the caller of every operation with its kind', async () => {
    let code: string | null = null;
    const { store, dispose } = await temporaryStore({
      files: steppedFiles(() => {
        if (code !== null) throw failing(code);
      }),
    });
    await store.put('a', Buffer.from('x'), { contentType: 'text/plain' });
    code = 'ESTALE';
    const calls = [
      store.put('a', Buffer.from('x'), { contentType: 'text/plain' }),
      store.put('a', Buffer.alloc(100_000), { contentType: 'text/plain' }),
      store.get('a'),
      store.head('a'),
      store.delete('a'),
      store.copy('a', 'b'),
      Array.fromAsync(store.list('')),
      Array.fromAsync(store.folders('')),
      store.check(),
      store.sweep(new AbortController().signal),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'StoreError', kind: 'unavailable' });
    code = null;
    await dispose();
  });
});
