import { describe, expect, it } from 'vitest';
import { spawned } from '../spawned.ts';
import { azureServer } from './azurite.ts';
import { httpStatus } from './http-status.ts';
import { kafkaServer } from './kafka.ts';
import { redisServer } from './redis.ts';
import { toolCache } from './tool-cache.ts';
import { s3Server } from './versitygw.ts';
import { whenAvailable } from './when-available.ts';

const command = ['packages/testing/src/servers/main.ts'];
const azure = await azureServer();
const s3 = await s3Server();
// Installed now, while no test's time runs.
await kafkaServer();
await redisServer();

describe('the servers for development', () => {
  whenAvailable(azure, 'with Azure', () => {
    whenAvailable(s3, 'and S3', () => {
      it('say how they are reached, and end with their process', async () => {
        const process = await spawned({ command, env: { VOICEMAIL_CACHE_DIR: toolCache() } });
        // Four servers one after the other, one of them in Java, on a machine that may be busy.
        await process.waitForOutput(/Ctrl-C ends them/, { limitMs: 50_000 });
        const ports = [...process.stdout().matchAll(/(?:url|endpoint) +http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) =>
          Number(port),
        );
        expect(await Promise.all(ports.map((port) => httpStatus(port)))).toEqual([400, 403]);
        expect(await process.stop('SIGINT')).toEqual({ code: 0, signal: null });
        expect(await Promise.all(ports.map((port) => httpStatus(port)))).toEqual([undefined, undefined]);
      });
    });
  });

  it('say what is missing and how to get it, and fail where none can be had', async () => {
    const process = await spawned({ command, env: { PATH: '/nowhere', VOICEMAIL_CACHE_DIR: '/dev/null/cache' } });
    expect((await process.exited).code).toBe(1);
    expect(process.stdout()).toMatch(
      /^Azure Blob Storage: azurite .* is missing\. .*\nAmazon S3: versitygw .* is missing\. /,
    );
  });
});
