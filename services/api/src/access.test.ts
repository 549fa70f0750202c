import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const PUBLIC = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/asyncapi.json'];
const GUARDED: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/v1/mailboxes'],
  ['GET', '/v1/mailboxes/9876'],
  ['PUT', '/v1/mailboxes/9876'],
  ['DELETE', '/v1/mailboxes/9876'],
  ['GET', '/v1/mailboxes/9876/messages'],
  ['GET', '/v1/mailboxes/9876/messages/m1'],
  ['PATCH', '/v1/mailboxes/9876/messages/m1'],
  ['DELETE', '/v1/mailboxes/9876/messages/m1'],
  ['POST', '/v1/mailboxes/9876/messages/m1/forward'],
  ['GET', '/v1/mailboxes/9876/messages/m1/media'],
  ['HEAD', '/v1/mailboxes/9876/messages/m1/media'],
  ['GET', '/v1/mwi/9876'],
  ['GET', '/v1/users/agent-1/mwi'],
  ['GET', '/v1/dead-letters'],
  ['GET', '/v1/dead-letters/x'],
  ['POST', '/v1/dead-letters/x/replay'],
  ['POST', '/v1/holds'],
  ['GET', '/v1/holds'],
  ['DELETE', '/v1/holds/x'],
  ['POST', '/v1/operations/mwi-rebuild'],
  ['POST', '/v1/events/voicemail.deposits'],
];

describe('the token', () => {
  it.each(PUBLIC)('is not asked for by %s', async (path) => {
    expect((await world.call('GET', path, { token: null })).statusCode).toBe(200);
  });

  it.each(GUARDED)('is asked for by %s %s', async (method, path) => {
    for (const token of [null, 'another-token']) {
      const answer = await world.call(method, path, { token });
      expect(answer.statusCode).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      expect(answer.headers['content-type']).toBe('application/problem+json');
    }
  });

  it('is a bearer token and nothing else', async () => {
    const credentials = [`Basic ${btoa(`x:${world.token}`)}`, world.token, `Bearer ${world.token} x`, 'Bearer', ''];
    for (const authorization of credentials) {
      const answer = await world.call('GET', '/v1/mailboxes', { token: null, headers: { authorization } });
      expect({ authorization, status: answer.statusCode }).toEqual({ authorization, status: 401 });
    }
    const headers = { authorization: `bearer  ${world.token}` };
    expect((await world.call('GET', '/v1/mailboxes', { token: null, headers })).statusCode).toBe(200);
  });

  it.each(GUARDED)('of a suspended tenant opens nothing: %s %s', async (method, path) => {
    await world.suspend();
    expect((await world.call(method, path)).statusCode).toBe(403);
  });
});

describe('a path that is no route’s', () => {
  it('is 404', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/v1'],
      ['GET', '/.well-known/jwks.json'],
      ['GET', '/v1/users/agent-1/mwi/stream'],
    ] as const) {
      const answer = await world.call(method, path);
      expect({ path, ...answer.json<object>() }).toMatchObject({ path, status: 404, title: 'Not Found' });
    }
  });

  it('is 405 with the methods that there are, where it is the method that is wrong', async () => {
    const answer = await world.call('POST', '/v1/mailboxes/9876/messages/m1', { body: {} });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers['allow']).toBe('DELETE, GET, HEAD, PATCH');
  });
});

describe('a refusal', () => {
  const secret = '15551212000';
  it.each([
    ['GET', `/v1/mailboxes/+${secret}`, 400],
    ['GET', `/v1/mailboxes/${secret}%zz`, 400],
    ['GET', `/v1/mailboxes/${secret.repeat(400)}`, 414],
    ['GET', `/v1/mailboxes/1/messages/..%2f..%2f${secret}`, 400],
    ['GET', `/v1/mailboxes/1/messages/${secret}%00`, 400],
    ['GET', `/v1/mailboxes/0${secret}/messages`, 400],
    ['GET', `/v1/users/${secret}%0a/mwi`, 400],
    ['GET', `/v1/dead-letters/..%2f${secret}`, 400],
    ['GET', `/v1/mailboxes?limit=${secret}`, 400],
    ['GET', `/v1/mailboxes?cursor=${secret}`, 400],
    ['GET', `/v1/mailboxes/1/messages?state=${secret}`, 400],
    ['GET', `/v1/dead-letters?cursor=${secret}`, 400],
    ['GET', `/v1/${secret}`, 404],
  ])('repeats nothing that was sent: %s %s', async (method, path, status) => {
    const answer = await world.call(method, path);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toContain(secret);
  });

  it('of a body lists every fault, each with where it is', async () => {
    const body = { kind: secret, members: [''], maxMessages: 0, retentionDays: 1.5, status: 7 };
    const answer = await world.call('PUT', '/v1/mailboxes/9876', { body });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<{ faults: { path: string }[] }>().faults.map(({ path }) => path)).toEqual([
      'kind',
      'members[0]',
      'maxMessages',
      'retentionDays',
      'status',
    ]);
    expect(answer.body).not.toContain(secret);
  });

  it.each([
    ['no body', {}, 400],
    ['an empty body', { body: '', headers: { 'content-type': 'application/json' } }, 400],
    ['null', { body: 'null', headers: { 'content-type': 'application/json' } }, 400],
    ['no JSON', { body: `{"kind":"${secret}`, headers: { 'content-type': 'application/json' } }, 400],
    ['no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]), headers: { 'content-type': 'application/json' } }, 400],
    ['another type', { body: '{"kind":"personal"}', headers: { 'content-type': 'text/plain' } }, 415],
    ['no type', { body: Buffer.from('{"kind":"personal"}') }, 415],
    [
      'a merge patch',
      { body: '{"kind":"personal"}', headers: { 'content-type': 'application/merge-patch+json' } },
      415,
    ],
    ['too much', { body: { kind: 'personal', displayName: 'x'.repeat(8 * 1024 * 1024) } }, 413],
  ])('of %s appends nothing', async (_name, call, status) => {
    const answer = await world.call('PUT', '/v1/mailboxes/9876', call);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toContain(secret);
    expect(await world.records('voicemail.mailboxes')).toEqual([]);
  });
});

it('calls are logged by their route, without anything that was sent', async () => {
  const secret = '15551212000';
  await world.call('GET', `/v1/mailboxes/${secret}/messages/${secret}?x=${secret}`, { headers: { 'x-note': secret } });
  const [line, ...more] = world.logged.filter((each) => each.includes('"call"'));
  expect(JSON.parse(line ?? '')).toMatchObject({
    method: 'GET',
    route: '/v1/mailboxes/:mailbox/messages/:messageId',
    status: '404',
  });
  expect(more).toEqual([]);
  const { body } = await world.call('GET', '/metrics');
  expect(body).toContain(
    'voicemail_http_seconds_count{method="GET",route="/v1/mailboxes/:mailbox/messages/:messageId"',
  );
  expect(world.logged.join('') + body).not.toMatch(new RegExp(`${secret}|127\\.0\\.0\\.1|Bearer`));
});
