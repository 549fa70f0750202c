import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postEvent, waitForLamp, withServer, type Server } from '../support/server.ts';

let server: Server;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ server, dispose } = await withServer());
});
afterAll(() => dispose());

it('a recording that a publisher laid on the volume is deposited by its staged key', async () => {
  const staging = join(server.dataDir, 'regions', 'westeurope', 'staging', 't100');
  await mkdir(staging, { recursive: true });
  await writeFile(join(staging, 'call-7.wav'), 'RIFF a long sound');
  const answer = await postEvent(
    server,
    'voicemail.deposits',
    'voicemail.deposit.v1',
    {
      tenant: 't100',
      mailbox: '9876',
      messageId: 'staged-1',
      callerId: null,
      region: 'westeurope',
      depositedAt: new Date().toISOString(),
      media: { contentType: 'audio/wav', stagedKey: 'staging/t100/call-7.wav' },
    },
    'staged-1',
  );
  expect(answer.status).toBe(202);
  await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
  const media = await server.call('GET', '/v1/mailboxes/9876/messages/staged-1/media');
  expect(await media.text()).toBe('RIFF a long sound');
});
