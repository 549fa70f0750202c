import { openTempFolder, searchBytes, waitFor } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { postDeposit, startServer, waitForLamp, type Server } from '../support/server.ts';

const CALLER = '+15551212000';
const DAY_AND_HOUR = 'PT25H';

interface Answer {
  readonly requestId: string;
  readonly status: string;
  readonly callers: Readonly<Record<string, { readonly messages: number | null }>>;
  readonly repeats?: string;
}

const ask = (server: Server, operation: string, phone: string, query = '?waitSeconds=30'): Promise<Answer> =>
  server.json('POST', `/v1/gdpr/${operation}${query}`, { body: { consumer: [{ phone }] } });

const statusOf = async (server: Server, { requestId }: Answer): Promise<string> =>
  (await server.json<Answer>('GET', `/v1/gdpr/requests/${requestId}`)).status;

describe('a caller who asks to be forgotten', () => {
  it('is marked at once, deleted by the first run after a day, and erased; an undo before that keeps everything', async () => {
    await using folder = await openTempFolder();
    const dataDir = folder.path;
    let server = await startServer({ dataDir });
    await postDeposit(server, { mailbox: '9876', messageId: 'm1', callerId: '(555) 121-2000' });
    await postDeposit(server, { mailbox: '9876', messageId: 'm2', callerId: CALLER, region: 'westeurope' });
    await postDeposit(server, { mailbox: '9876', messageId: 'other', callerId: '+15551212999' });
    await waitForLamp(server, '9876', (lamp) => lamp.new === 3);

    const dry = await ask(server, 'forgetme', 'sip:+15551212000@host', '?dryRun=true');
    expect(dry).toMatchObject({ status: 'dry-run', callers: { 'sip:+15551212000@host': { messages: 2 } } });
    const undone = await ask(server, 'forgetme', CALLER);
    expect(undone).toMatchObject({ status: 'marked', callers: { [CALLER]: { messages: 2 } } });
    const marked = await server.json<{ forgetMarkedAt?: string }>('GET', '/v1/mailboxes/9876/messages/m2');
    expect(marked.forgetMarkedAt).toBeDefined();
    expect(await ask(server, 'undoforget', CALLER)).toMatchObject({ status: 'undone' });
    expect(await statusOf(server, undone)).toBe('undone');
    expect(await server.json('GET', '/v1/mailboxes/9876/messages/m2')).not.toHaveProperty('forgetMarkedAt');

    const forget = await ask(server, 'forgetme', CALLER);
    expect(await ask(server, 'forgetme', CALLER)).toMatchObject({ status: 'marked', repeats: forget.requestId });
    const early = await server.json('POST', '/v1/operations/forget-run', { body: {} });
    expect(early).toEqual({ deleted: 0, kept: 2, items: [] });
    const on = { mailbox: '9876', messageId: 'm2', reason: 'case 4711' };
    const hold = await server.json<{ id: string }>('POST', '/v1/holds', { body: on });
    await server.process.stop();

    server = await startServer({ dataDir, env: { CLOCK_OFFSET: DAY_AND_HOUR, FORGET_SCHEDULE: '0 0 1 1 *' } });
    const run = (): Promise<object> => server.json('POST', '/v1/operations/forget-run', { body: {} });
    expect(await run()).toMatchObject({ deleted: 1, kept: 1, items: [{ messageId: 'm1' }] });
    const held = await server.json('GET', `/v1/gdpr/requests/${forget.requestId}`);
    expect(held).toMatchObject({ status: 'held', heldUntil: null });
    expect((await server.call('DELETE', `/v1/holds/${hold.id}`)).status).toBe(204);
    expect(await run()).toMatchObject({ deleted: 1, kept: 0, items: [{ messageId: 'm2' }] });
    await waitForLamp(server, '9876', (lamp) => lamp.new === 1);
    expect((await server.call('GET', '/v1/mailboxes/9876/messages/m1')).status).toBe(404);
    expect((await server.call('GET', '/v1/mailboxes/9876/messages/other')).status).toBe(200);
    await waitFor(
      'the request is erased',
      () => statusOf(server, forget),
      (status) => status === 'erased',
      { limitMs: 60_000 },
    );
    const left = (): Promise<readonly unknown[]> =>
      searchBytes(['5551212000', '121-2000', 'sound of m1', 'sound of m2'], [dataDir]);
    await waitFor('no file holds the number or the recordings', left, (found) => found.length === 0, {
      limitMs: 60_000,
    });
    expect(await searchBytes(['sound of other'], [dataDir])).not.toEqual([]);
    await server.process.stop();
  }, 180_000);
});
