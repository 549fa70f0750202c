import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

it('a process is ready when all of its checks pass', async () => {
  world.health.add('log', () => world.log.check());
  const answer = await world.call('GET', '/readyz');
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ status: 'ready', checks: [{ name: 'log', ok: true }] });
});

it('one that is not says what cannot be done, and lives', async () => {
  world.health.add('log', () => Promise.reject(new Error('the disk is full')));
  world.health.add('counts', async () => undefined);
  const answer = await world.call('GET', '/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toEqual({
    status: 'not-ready',
    checks: [
      { name: 'log', ok: false, detail: 'the disk is full' },
      { name: 'counts', ok: true },
    ],
  });
  expect((await world.call('GET', '/healthz')).json()).toEqual({ status: 'alive' });
});

it('metrics come in the Prometheus text format', async () => {
  const answer = await world.call('GET', '/metrics');
  expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  expect(answer.body).toMatch(/^# HELP /);
});
