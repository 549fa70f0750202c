import { expect, it } from 'vitest';
import { freePort } from './free-port.ts';

it('gives a port on which nobody answers', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThan(1_023);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
});
