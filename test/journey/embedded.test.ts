import { binaryRequest, deposit, RECORDING_KINDS, recording, waitFor } from '@voicemail/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  allMessages,
  postDeposit,
  postEvent,
  waitForLamp,
  withServer,
  type Lamp,
  type Server,
} from '../support/server.ts';

/** An MP3 encoder adds frames of silence, of 72 ms each at 8 kHz. */
const ENCODER_PADDING_MS = 250;

let server: Server;
let dispose: () => Promise<void>;

beforeAll(async () => {
  ({ server, dispose } = await withServer());
});
afterAll(() => dispose());

const action = (mailbox: string, messageId: string, id: string, what: object): Promise<Response> => {
  const data = { tenant: 't100', mailbox, messageId, at: new Date().toISOString(), ...what };
  return postEvent(server, 'voicemail.message-actions', 'voicemail.message-action.v1', data, id);
};

describe('a new user’s path through the embedded server', () => {
  it.each(RECORDING_KINDS)('a recording in %s is stored as it came, with the length that is in it', async (kind) => {
    const { bytes, contentType, durationMs } = await recording(kind, 2);
    const mailbox = String(1000 + RECORDING_KINDS.indexOf(kind));
    const answer = await postDeposit(server, { mailbox, messageId: `real-${kind}`, bytes, contentType });
    expect(answer.status).toBe(202);
    await waitForLamp(server, mailbox, (lamp) => lamp.new === 1);
    const path = `/v1/mailboxes/${mailbox}/messages/real-${kind}`;
    const message = await server.json<{ durationMs: number; media: { size: number } }>('GET', path);
    expect(Math.abs(message.durationMs - durationMs)).toBeLessThan(ENCODER_PADDING_MS);
    const media = await server.call('GET', `${path}/media`);
    expect(media.headers.get('content-type')).toBe(contentType);
    expect(Buffer.from(await media.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    const part = await server.call('GET', `${path}/media`, { headers: { range: 'bytes=4-7' } });
    expect(part.status).toBe(206);
    expect(Buffer.from(await part.arrayBuffer())).toEqual(Buffer.from(bytes.subarray(4, 8)));
  });

  it('a lamp follows deposits, listening and deleting, urgent ones among them', async () => {
    for (const [index, urgent] of [true, false, false].entries()) {
      await postDeposit(server, { mailbox: '2001', messageId: `lamp-${index}`, urgent });
    }
    const lit = await waitForLamp(server, '2001', (lamp) => lamp.new === 3);
    expect(lit).toMatchObject({
      urgentNew: 1,
      messageSummary: expect.stringContaining('Voice-Message: 3/0 (1/0)') as string,
    });
    await action('2001', 'lamp-0', 'read-0', { action: 'read' });
    await action('2001', 'lamp-1', 'delete-1', { action: 'delete' });
    const after = await waitForLamp(server, '2001', (lamp) => lamp.new === 1 && lamp.old === 1);
    expect(after).toMatchObject({ urgentNew: 0, urgentOld: 1 });
    expect(after.revision).toBeGreaterThan(lit.revision);
  });

  it('a mailbox is provisioned, shared by a group, seen by its members, and removed', async () => {
    const put = (body: object): Promise<Response> => server.call('PUT', '/v1/mailboxes/3001', { body });
    expect((await put({ kind: 'group', members: ['agent1', 'agent2'], maxMessages: 1 })).status).toBe(201);
    await postDeposit(server, { mailbox: '3001', messageId: 'group-1' });
    await waitForLamp(server, '3001', (lamp) => lamp.new === 1 && lamp.full && lamp.users.length === 2);
    const lampsOf = (user: string): Promise<{ accessNumber: string; mailboxes: Lamp[] }> =>
      server.json('GET', `/v1/users/${user}/mwi`);
    expect(await lampsOf('agent2')).toMatchObject({ accessNumber: '5555', mailboxes: [{ mailbox: '3001', new: 1 }] });
    expect((await put({ kind: 'group', members: ['agent1'] })).status).toBe(200);
    await waitFor(
      'agent2 loses the mailbox',
      () => lampsOf('agent2'),
      ({ mailboxes }) => mailboxes.length === 0,
    );
    expect((await server.call('DELETE', '/v1/mailboxes/3001')).status).toBe(204);
    expect(await server.json('GET', '/v1/mailboxes/3001')).toMatchObject({ settings: null, counts: { new: 1 } });
  });

  it('a message is marked, forwarded and deleted over HTTP, and each answer is already true', async () => {
    await postDeposit(server, { mailbox: '4001', messageId: 'http-1' });
    await waitForLamp(server, '4001', (lamp) => lamp.new === 1);
    const path = '/v1/mailboxes/4001/messages/http-1';
    const { headers } = await server.call('GET', path);
    const etag = headers.get('etag') ?? '';
    const patched = await server.call('PATCH', path, { body: { state: 'read' }, headers: { 'if-match': etag } });
    expect([patched.status, await patched.json()]).toEqual([
      200,
      expect.objectContaining({ state: 'old', revision: 2 }),
    ]);
    expect(
      (await server.call('PATCH', path, { body: { state: 'unread' }, headers: { 'if-match': etag } })).status,
    ).toBe(412);
    const forwarded = await server.call('POST', `${path}/forward`, { body: { toMailbox: '4002' } });
    expect(forwarded.status).toBe(201);
    expect((await server.call('GET', forwarded.headers.get('location') ?? '')).status).toBe(200);
    expect((await server.call('DELETE', path)).status).toBe(204);
    expect((await server.call('GET', path)).status).toBe(404);
    await waitForLamp(server, '4002', (lamp) => lamp.new === 1);
    expect(await allMessages(server, '4001')).toEqual([]);
  });

  it('a message is found newest first, page by page', async () => {
    for (let minute = 0; minute < 5; minute += 1) {
      const depositedAt = `2026-01-01T10:0${minute}:00Z`;
      await postDeposit(server, { mailbox: '5001', messageId: `page-${minute}`, depositedAt });
    }
    await waitForLamp(server, '5001', (lamp) => lamp.new === 5);
    type Page = { items: { messageId: string }[]; next?: string };
    const first = await server.json<Page>('GET', '/v1/mailboxes/5001/messages?limit=3');
    const second = await server.json<Page>('GET', `/v1/mailboxes/5001/messages?limit=3&cursor=${first.next}`);
    expect([...first.items, ...second.items].map(({ messageId }) => messageId)).toEqual(
      [4, 3, 2, 1, 0].map((minute) => `page-${minute}`),
    );
    expect(second.next).toBeUndefined();
  });

  it('media that is too large for a record is staged, stored and staged no more', async () => {
    const bytes = new Uint8Array(9 * 1024 * 1024).map((_, index) => (index * 31) % 251);
    const answer = await postDeposit(server, { mailbox: '6001', messageId: 'large', bytes, region: 'westeurope' });
    expect(answer.status).toBe(202);
    await waitForLamp(server, '6001', (lamp) => lamp.new === 1);
    const media = await server.call('GET', '/v1/mailboxes/6001/messages/large/media');
    expect(Buffer.from(await media.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
  });

  it('a rebuild counts every mailbox again, and no lamp shows zero meanwhile', async () => {
    await postDeposit(server, { mailbox: '7001', messageId: 'rebuilt' });
    await waitForLamp(server, '7001', (lamp) => lamp.new === 1);
    expect((await server.call('POST', '/v1/operations/mwi-rebuild')).status).toBe(202);
    const seen: number[] = [];
    await waitForLamp(server, '7001', (lamp) => {
      seen.push(lamp.new);
      return !lamp.stale;
    });
    expect(new Set(seen)).toEqual(new Set([1]));
  });
});

describe('what is not as it should be', () => {
  const bad = async (response: Promise<Response>): Promise<{ status: number; faults: string[] }> => {
    const answer = await response;
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const { faults } = (await answer.json()) as { faults?: { path: string }[] };
    return { status: answer.status, faults: (faults ?? []).map(({ path }) => path) };
  };

  it('gets a refusal that lists every fault', async () => {
    const data = {
      tenant: 't100',
      mailbox: '../../etc',
      messageId: '..',
      callerId: null,
      region: 'westus2',
      priority: 'loud',
    };
    const answer = await bad(postEvent(server, 'voicemail.deposits', 'voicemail.deposit.v1', data, 'bad-1'));
    expect(answer.status).toBe(400);
    const fields = ['mailbox', 'messageId', 'priority', 'depositedAt', 'media'];
    expect(fields.filter((field) => !answer.faults.some((path) => path.includes(field)))).toEqual([]);
  });

  it('is refused without the token, for another tenant, for an unknown topic or region, and for GDPR requests', async () => {
    const bare = await fetch(`${server.url}/v1/mailboxes`);
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Bearer')]);
    const data = (tenant: string): object => ({
      tenant,
      mailbox: '1',
      messageId: 'x',
      action: 'read',
      at: new Date().toISOString(),
    });
    const post = (topic: string, tenant = 't100'): Promise<Response> =>
      postEvent(server, topic, 'voicemail.message-action.v1', data(tenant), 'other');
    expect((await post('voicemail.message-actions', 't999')).status).toBe(403);
    expect((await post('voicemail.nothing')).status).toBe(404);
    expect((await post('voicemail.gdpr.requests')).status).toBe(400);
    expect((await bad(postDeposit(server, { mailbox: '1', messageId: 'x', region: 'mars' }))).status).toBe(400);
  });

  it('is refused while it arrives when it is too large, whether it says so or not', async () => {
    const declared = await postDeposit(server, {
      mailbox: '1',
      messageId: 'huge',
      bytes: new Uint8Array(33 * 1024 * 1024),
    });
    expect(declared.status).toBe(413);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    const media = { contentType: 'audio/wav', bytes: Buffer.from('RIFF') };
    const { headers } = binaryRequest(deposit({ mailbox: '1', messageId: 'endless', media }));
    const refused = await server
      .call('POST', '/v1/events/voicemail.deposits', { stream: endless, headers })
      .then(({ status }) => status)
      .catch(() => 'the connection was closed');
    expect([413, 'the connection was closed']).toContain(refused);
    expect(sent).toBeLessThan(64);
  });

  it('becomes a dead letter that an operator sees and replays', async () => {
    await postDeposit(server, { mailbox: '8001', messageId: 'twice' });
    await waitForLamp(server, '8001', (lamp) => lamp.new === 1);
    await postDeposit(server, { mailbox: '8001', messageId: 'twice', bytes: Buffer.from('RIFF another sound') });
    type Letters = { items: { id: string; reason: string }[] };
    const letters = (): Promise<Letters> => server.json('GET', '/v1/dead-letters');
    const { items } = await waitFor('the conflict is a dead letter', letters, (list) => list.items.length === 1);
    expect(items[0]).toMatchObject({ reason: 'conflict' });
    expect((await server.call('DELETE', '/v1/mailboxes/8001/messages/twice')).status).toBe(204);
    expect((await server.call('POST', `/v1/dead-letters/${items[0]?.id}/replay`)).status).toBe(202);
    await waitFor('the replayed record is done', letters, (list) => list.items.length === 0);
    expect(await allMessages(server, '8001')).toEqual([]);
  });
});
