import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { httpStatus } from './http-status.ts';
import { s3Server } from './versitygw.ts';
import { whenAvailable } from './when-available.ts';

const s3 = await s3Server();
const portOf = ({ endpoint }: { readonly endpoint: string }): number => Number(new URL(endpoint).port);

whenAvailable(s3, 'an S3 server', (start) => {
  it('serves on loopback, to those who have the key', async () => {
    const server = await start();
    expect(server.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([server.region, server.versioningFolder]).toEqual(['us-east-1', undefined]);
    await mkdir(join(server.dataFolder, 'bucket'));
    expect(await httpStatus(portOf(server), '/bucket')).toBe(403);
  });

  it('keeps older versions where it is asked to', async () => {
    const server = await start({ versioning: true });
    expect(existsSync(server.versioningFolder ?? '')).toBe(true);
    expect(server.versioningFolder?.startsWith(server.dataFolder)).toBe(false);
  });

  it('is killed, and comes back with what it has on disk', async () => {
    const server = await start();
    await mkdir(join(server.dataFolder, 'bucket'));
    await server.kill();
    expect(await httpStatus(portOf(server))).toBeUndefined();
    await server.restart();
    expect([await httpStatus(portOf(server), '/bucket'), await httpStatus(portOf(server), '/other')]).toEqual([
      403, 404,
    ]);
    await server.stop();
    expect([await httpStatus(portOf(server)), existsSync(server.dataFolder)]).toEqual([undefined, false]);
  });
});
