import { expect, test } from 'vitest';
import { callerHashes } from './caller-hash.ts';
import { knownCaller } from './known-caller.ts';

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const hashes = callerHashes(keyOf(1));
const stores = { tenant: 't100', defaultCountry: 'US', formerDefaultCountries: [], hashes };

test('a caller is known by the canonical form and its hash, however it was written, and an anonymous one not at all', () => {
  const hash = hashes.current('t100', '+15551212000');
  for (const written of ['+15551212000', '(555) 121-2000', 'tel:+1-555-121-2000']) {
    expect(knownCaller(stores, written)).toEqual({ canonical: '+15551212000', hash, sought: [hash] });
  }
  expect(knownCaller(stores, null)).toBeNull();
  expect(knownCaller(stores, 'anonymous')).toBeNull();
});

test('whoever asks after others gets what is its own: by tenant, by country, by key', () => {
  const written = '555 121 2000';
  const other = callerHashes(keyOf(2));
  for (const repeated of [1, 2]) {
    expect([repeated, knownCaller(stores, written)?.canonical]).toEqual([repeated, '+15551212000']);
    expect(knownCaller({ ...stores, tenant: 't200' }, written)?.hash).toBe(hashes.current('t200', '+15551212000'));
    expect(knownCaller({ ...stores, defaultCountry: 'DE' }, written)?.canonical).toBe('+495551212000');
    expect(knownCaller({ ...stores, hashes: other }, written)?.hash).toBe(other.current('t100', '+15551212000'));
  }
});

test('after many others a caller is known as before', () => {
  const before = knownCaller(stores, '+15551212000');
  for (let index = 0; index < 200; index += 1) knownCaller(stores, `+1555121${3000 + index}`);
  expect(knownCaller(stores, '+15551212000')).toEqual(before);
});
