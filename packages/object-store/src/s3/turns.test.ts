import { expect, it } from 'vitest';
import { turns } from './turns.ts';

/** A piece of work that is begun when its turn comes, and ended by the test. */
function piece(log: string[], name: string): { readonly work: () => Promise<string>; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    work: async () => {
      log.push(`${name} begins`);
      await promise;
      log.push(`${name} ends`);
      return name;
    },
    end: resolve,
  };
}

it('writes of a key run beside each other, a removal alone, and whoever came later waits for it', async () => {
  const log: string[] = [];
  const at = turns();
  const [a, b, removal, c, other] = ['a', 'b', 'removal', 'c', 'other'].map((name) => piece(log, name));
  const running = [
    at.write('k', a!.work),
    at.write('k', b!.work),
    at.remove('k', removal!.work),
    at.write('k', c!.work),
    at.remove('elsewhere', other!.work),
  ];
  other!.end();
  await running[4];
  expect(log).toEqual(['a begins', 'b begins', 'other begins', 'other ends']);
  for (const one of [b, a, removal, c]) one!.end();
  expect(await Promise.all(running)).toEqual(['a', 'b', 'removal', 'c', 'other']);
  expect(log.slice(4)).toEqual(['b ends', 'a ends', 'removal begins', 'removal ends', 'c begins', 'c ends']);
});

it('what fails does not keep the next one waiting', async () => {
  const at = turns();
  const failed = at.remove('k', () => Promise.reject(new Error('refused')));
  expect(await at.write('k', async () => 'next')).toBe('next');
  await expect(failed).rejects.toThrow('refused');
});
