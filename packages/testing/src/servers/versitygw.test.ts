import { expect, it } from 'vitest';
import { answersHttp } from './answers-http.ts';
import { s3Server } from './versitygw.ts';
import { whenAvailable } from './when-available.ts';

const s3 = await s3Server();
whenAvailable(s3, 'an S3 server', (start) => {
  it('answers on loopback', async () => {
    const server = await start({ versioning: true });
    expect(await answersHttp(Number(new URL(server.endpoint).port))).toBe(true);
    await server.kill();
    expect(await answersHttp(Number(new URL(server.endpoint).port))).toBe(false);
    await server.restart();
    expect(await answersHttp(Number(new URL(server.endpoint).port))).toBe(true);
  });
});
