import { Worker } from 'node:worker_threads';
import { systemClock, systemIds } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openS3Store } from './open.ts';
import { profileOf } from './server-bucket.ts';

const AT_ONCE = 20;
/** What the server tells, see `closing-server.ts`. */
const [CLOSED, PORT] = [0, 1];

it('a process that was busy uses none of the connections that the server closed meanwhile', async () => {
  const told = new Int32Array(new SharedArrayBuffer(8));
  const server = new Worker(new URL('../azure-blob/closing-server.ts', import.meta.url), { workerData: told });
  onTestFinished(() => server.terminate().then(() => undefined));
  await Atomics.waitAsync(told, PORT, 0).value;
  const credentialsFile = join(await tempFolder(), 'credentials');
  await writeFile(credentialsFile, profileOf({ accessKey: 'a', secretKey: 'b' }));
  const store = await openS3Store({
    bucket: 'voicemail',
    prefix: '',
    region: null,
    endpoint: `http://127.0.0.1:${Atomics.load(told, PORT)}`,
    forcePathStyle: true,
    credentialsFile,
    clock: systemClock(),
    ids: systemIds(),
  });
  const burst = (): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => store.head('k')));
  await burst();
  // As any long piece of work does, waiting here keeps this thread from looking at its connections.
  for (let seen = 0; seen < AT_ONCE; seen = Atomics.load(told, CLOSED)) Atomics.wait(told, CLOSED, seen);
  await expect(burst()).resolves.toHaveLength(AT_ONCE);
  await store.close();
});
