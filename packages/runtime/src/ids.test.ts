import { expect, it } from 'vitest';
import { systemIds } from './ids.ts';

it('gives UUIDs, tokens of 32 hex digits and numbers in [0, 1), each of its own', () => {
  const ids = systemIds();
  expect(ids.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(ids.token()).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(Array.from({ length: 100 }, () => ids.token())).size).toBe(100);
  const drawn = Array.from({ length: 100 }, () => ids.random());
  expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
});
