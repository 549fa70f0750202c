import { createHash } from 'node:crypto';
import { readZip, waitFor } from '@voicemail/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postDeposit, postEvent, waitForLamp, withServer, type Server } from '../support/server.ts';

const CALLER = '+15551212000';

let server: Server;
let dispose: () => Promise<void>;
beforeAll(async () => {
  ({ server, dispose } = await withServer());
}, 90_000);
afterAll(() => dispose());

interface Answer {
  readonly requestId: string;
  readonly status: string;
  readonly callers: Readonly<Record<string, { readonly messages: number | null }>>;
  readonly links: { readonly self: string; readonly export?: string };
}
interface Index {
  readonly messages: readonly { readonly messageId: string; readonly region: string; readonly sha256: string }[];
  readonly callers: readonly { readonly caller: string; readonly files: readonly string[] }[];
}

async function packageOf({ links }: Answer) {
  const answer = await server.call('GET', links.export ?? '');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
  const files = await readZip(Buffer.from(await answer.arrayBuffer()));
  const bytesOf = (name: string): Buffer | undefined => files.find((file) => file.name === name)?.bytes;
  return { names: files.map(({ name }) => name), bytesOf, index: JSON.parse(String(bytesOf('index.json'))) as Index };
}

describe('a caller who asks what there is of them', () => {
  it('gets every recording, from every region, with an index; one that nobody knows gets an empty package', async () => {
    await postDeposit(server, { mailbox: '9876', messageId: 'm1', callerId: '(555) 121-2000' });
    await postDeposit(server, { mailbox: '17', messageId: 'm2', callerId: CALLER, region: 'westeurope' });
    await postDeposit(server, { mailbox: '17', messageId: 'other', callerId: '+15551212999' });
    await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
    await waitForLamp(server, '17', (lamp) => lamp.new === 2);
    const body = { consumer: [{ phone: CALLER }, { phone: '+15551230000' }] };
    const answer = await server.json<Answer>('POST', '/v1/gdpr/exportme?waitSeconds=60', { body });
    expect(answer).toMatchObject({
      status: 'exported',
      callers: { [CALLER]: { messages: 2 }, '+15551230000': { messages: 0 } },
    });
    const { names, bytesOf, index } = await packageOf(answer);
    expect(names.toSorted()).toEqual(['index.html', 'index.json', 'm1.wav', 'm2.wav']);
    expect(String(bytesOf('m2.wav'))).toBe('RIFF sound of m2');
    const sha256 = createHash('sha256').update('RIFF sound of m2').digest('hex');
    expect(index.messages.find(({ messageId }) => messageId === 'm2')).toMatchObject({ region: 'westeurope', sha256 });
    expect(index.callers.at(-1)).toMatchObject({ caller: '+15551230000', files: [] });
    expect(String(bytesOf('index.html'))).toContain(sha256);
  }, 120_000);

  it('may be asked for by an event, and what comes after that is not in the package', async () => {
    const callerId = '+15551213000';
    await postDeposit(server, { mailbox: '18', messageId: 'before', callerId });
    await waitForLamp(server, '18', (lamp) => lamp.new === 1);
    const requestedAt = new Date().toISOString();
    const request = { tenant: 't100', requestId: 'by-event', operation: 'exportme', requestedAt };
    const data = { ...request, consumers: [{ phone: callerId }] };
    const posted = await postEvent(server, 'voicemail.gdpr.requests', 'voicemail.gdpr.request.v1', data, 'event-1');
    expect(posted.status).toBe(202);
    await postDeposit(server, { mailbox: '18', messageId: 'after', callerId });
    await waitForLamp(server, '18', (lamp) => lamp.new === 2);
    const isExported = ({ status }: Pick<Answer, 'status'>): boolean => status === 'exported';
    const asked = async (): Promise<Answer> => {
      const answer = await server.call('GET', '/v1/gdpr/requests/by-event');
      return (await answer.json()) as Answer;
    };
    const { names } = await packageOf(await waitFor('it is exported', asked, isExported, { limitMs: 60_000 }));
    expect(names).toEqual(['before.wav', 'index.json', 'index.html']);
  }, 120_000);
});
