import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { httpStatus } from './http-status.ts';
import { launch } from './launch.ts';
import { askPlain, invokePlain, isAlive, pidsOf, PLAIN, PLAIN_ROUTE, SERVE } from './plain-server.ts';

describe('a server', () => {
  it('is ready when it is given, on a port of its own each time', async () => {
    await using one = await launch(PLAIN, PLAIN_ROUTE, invokePlain());
    await using two = await launch(PLAIN, PLAIN_ROUTE, invokePlain());
    expect([await httpStatus(one.port), await httpStatus(two.port)]).toEqual([200, 200]);
    expect(one.port).not.toBe(two.port);
    expect(one.folder).not.toBe(two.folder);
  });

  it('gets nothing of the machine’s environment but where programs are, and its secrets out of sight', async () => {
    await using server = await launch(PLAIN, PLAIN_ROUTE, invokePlain());
    const { env } = await askPlain(server.port);
    expect(Object.keys(env).toSorted()).toEqual(['HOME', 'PATH', 'SECRET']);
  });

  it('ends when it is stopped, and its folder goes', async () => {
    const server = await launch(PLAIN, PLAIN_ROUTE, invokePlain());
    const pids = pidsOf((await askPlain(server.port)).files);
    expect(pids.map(isAlive)).toEqual([true]);
    await server.stop();
    expect([pids.map(isAlive), existsSync(server.folder)]).toEqual([[false], false]);
    // Once more does no harm: a test may stop what would be stopped after it anyway.
    await server.stop();
  });

  it('that is killed keeps its folder, and comes back on its port', async () => {
    await using server = await launch(PLAIN, PLAIN_ROUTE, invokePlain());
    await server.kill();
    expect([await httpStatus(server.port), existsSync(server.folder)]).toEqual([undefined, true]);
    await server.restart();
    const { files } = await askPlain(server.port);
    expect([pidsOf(files).length, pidsOf(files).filter(isAlive).length]).toEqual([2, 1]);
  });

  it('that does not end when it is asked to is killed', async () => {
    const stubborn = `process.on('SIGTERM', () => undefined); ${SERVE}`;
    const server = await launch(PLAIN, PLAIN_ROUTE, invokePlain(stubborn));
    const pids = pidsOf((await askPlain(server.port)).files);
    await server.stop();
    expect(pids.map(isAlive)).toEqual([false]);
  });
});

describe('a server that does not start', () => {
  it('tells its output, and is tried on other ports first', async () => {
    const ports: number[] = [];
    const failed = launch(PLAIN, PLAIN_ROUTE, async (place) => {
      ports.push(place.port);
      return invokePlain(`console.error('the address is in use'); process.exit(3);`)(place);
    });
    await expect(failed).rejects.toThrow(/plain ended \(3\) before it was ready.*the address is in use/s);
    expect(new Set(ports).size).toBe(3);
  });

  it('is not mistaken for another process that has taken its port', async () => {
    const other = createServer((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    let asked = 0;
    await using server = await launch(PLAIN, PLAIN_ROUTE, async (place) => {
      asked += 1;
      // The first port is taken in the moment between looking for it and starting.
      if (asked === 1) await once(other.listen(place.port, '127.0.0.1'), 'listening');
      return invokePlain()(place);
    });
    other.close();
    expect(asked).toBe(2);
    expect((await askPlain(server.port)).files).toHaveLength(1);
  });

  it('because there is no such program says so', async () => {
    const failed = launch(PLAIN, { ...PLAIN_ROUTE, command: () => ['/nowhere/server'] }, invokePlain());
    await expect(failed).rejects.toThrow(/could not be started: .*ENOENT/);
  });
});
