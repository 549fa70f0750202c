import { expect, it } from 'vitest';
import { shared } from './shared.ts';
import type { Availability } from './availability.ts';
import { launch } from './launch.ts';
import { httpStatus } from './http-status.ts';
import { invokePlain, PLAIN, PLAIN_ROUTE, SERVE } from './plain-server.ts';

type Plain = Awaited<ReturnType<typeof launch>>;

it('a shared server is started once, and goes on when one of those who have it stops it', async () => {
  const started: Plain[] = [];
  const plain: Availability<() => Promise<Plain>> = {
    available: true,
    name: 'plain',
    start: async () => {
      const server = await launch(PLAIN, PLAIN_ROUTE, invokePlain(SERVE));
      started.push(server);
      return server;
    },
  };
  const begin = async (): Promise<Plain> => {
    const server = shared(plain);
    if (!server.available) throw new Error('it is');
    return server.start();
  };
  const [one, other] = await Promise.all([begin(), begin()]);
  expect(started).toHaveLength(1);
  await one.stop();
  expect(await httpStatus(other.port)).toBe(200);
  await started[0]?.stop();
});

it('where a start fails, the next one is a start again', async () => {
  let starts = 0;
  const failing: Availability<() => Promise<Plain>> = {
    available: true,
    name: 'failing',
    start: async () => {
      starts += 1;
      throw new Error('no luck');
    },
  };
  const server = shared(failing);
  if (!server.available) throw new Error('it is');
  await expect(server.start()).rejects.toThrow('no luck');
  await expect(server.start()).rejects.toThrow('no luck');
  expect(starts).toBe(2);
});
