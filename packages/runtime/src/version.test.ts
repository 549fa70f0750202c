import { expect, it } from 'vitest';
import { version } from './version.ts';

it('is the version of the whole project', () => {
  expect(version()).toMatch(/^\d+\.\d+\.\d+/);
});
