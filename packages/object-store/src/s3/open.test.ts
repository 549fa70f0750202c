import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { systemClock, systemIds } from '@voicemail/runtime';
import { expect, it } from 'vitest';
import { openS3Store } from './open.ts';

const run = promisify(execFile);

it('nobody pays for the SDK who opens no store on S3', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    const { openS3Store } = await import(process.argv[1]);
    const ofSdk = () => loaded.some((url) => url.includes('@aws-sdk'));
    const before = ofSdk();
    await openS3Store({ prefix: 'x' }).catch(() => undefined);
    console.log(before, ofSdk());
  `;
  const index = new URL('../index.ts', import.meta.url);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script, fileURLToPath(index)]);
  expect(stdout.trim()).toBe('false true');
});

it('a prefix that would run into the first key is refused', async () => {
  const options = { bucket: 'b', region: null, endpoint: null, forcePathStyle: false, credentialsFile: null };
  const world = { clock: systemClock(), ids: systemIds() };
  await expect(openS3Store({ ...options, ...world, prefix: 't100' })).rejects.toThrow(TypeError);
});
