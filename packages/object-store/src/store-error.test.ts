import { expect, it } from 'vitest';
import { StoreError } from './store-error.ts';

const HASH = '5f2d1c0a9b8e7d6c5b4a39281706f5e4';

it('an error tells no keyed hash of a caller in its message, and keeps the key for code', () => {
  const key = `t100/index/caller_id/${HASH}/8001/0c6a`;
  const error = new StoreError('busy', 'put', key, `it lies beside t100/index/caller_id/${HASH}`);
  expect(error.key).toBe(key);
  expect(error.message).toBe('put t100/index/caller_id/***/8001/0c6a: it lies beside t100/index/caller_id/***');
  expect(error.stack).not.toContain(HASH);
  expect(new StoreError('busy', 'list', `t100/index/caller_id/${HASH}/`, 'x').message).toBe(
    'list t100/index/caller_id/***/: x',
  );
});

it('an error does not tell what a publisher called the object that it staged', () => {
  const key = 'staging/t100/a call of 5551212.wav';
  const error = new StoreError('not-found', 'get', key, `nothing lies at ${key}`);
  expect([error.key, error.message]).toEqual([key, 'get staging/t100/***: nothing lies at staging/t100/***']);
  expect(new StoreError('busy', 'list', '', 'x').message).toBe('list : x');
});
