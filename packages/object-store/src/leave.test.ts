import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { leave } from './leave.ts';

it('a body that nobody read is ended, be it a stream that was not begun or a generator that was', async () => {
  const stream = Readable.from([Buffer.from('x')]);
  await leave(stream);
  expect(stream.destroyed).toBe(true);

  let isOpen = true;
  const generator = (async function* () {
    try {
      yield Buffer.from('x');
      yield Buffer.from('y');
    } finally {
      isOpen = false;
    }
  })();
  await generator.next();
  await leave(generator);
  expect(isOpen).toBe(false);
});
