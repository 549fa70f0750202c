import { systemClock, systemIds } from '@voicemail/runtime';
import { closingServer, tempFolder } from '@voicemail/testing';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openS3Store } from './open.ts';
import { profileOf } from './server-bucket.ts';

const AT_ONCE = 20;

it('a process that was busy uses none of the connections that the server closed meanwhile', async () => {
  const server = await closingServer();
  const credentialsFile = join(await tempFolder(), 'credentials');
  await writeFile(credentialsFile, profileOf({ accessKey: 'a', secretKey: 'b' }));
  const store = await openS3Store({
    bucket: 'voicemail',
    prefix: '',
    region: null,
    endpoint: server.url,
    forcePathStyle: true,
    credentialsFile,
    clock: systemClock(),
    ids: systemIds(),
  });
  const burst = (): Promise<unknown> => Promise.all(Array.from({ length: AT_ONCE }, () => store.head('k')));
  await burst();
  // Waiting here keeps this thread from looking at its connections.
  server.untilClosed();
  await expect(burst()).resolves.toHaveLength(AT_ONCE);
  await store.close();
});
