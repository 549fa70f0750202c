import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { systemClock, systemIds } from '@voicemail/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAzureBlobStore } from './azure-blob-store.ts';
import type { AzureBlobStore } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'azure-identity-'));
const [KEY_FILE, CERTIFICATE_FILE, TOKEN_FILE] = ['key.pem', 'certificate.pem', 'token'].map((name) =>
  join(folder, name),
) as [string, string, string];

/** A certificate for the loopback interface; false where this machine has nothing to make one with. */
function makeCertificate(): boolean {
  const files = ['-keyout', KEY_FILE, '-out', CERTIFICATE_FILE];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

interface Seen {
  readonly request: string;
  readonly authorization: string | undefined;
  readonly copySource: string | undefined;
  readonly body: string;
}

/**
 * Where tokens are given and where they are shown, in one: Microsoft Entra's endpoints (OpenID Connect Discovery; the token request
 * with a federated assertion of RFC 7523) and the service's answers, as their references have them.
 */
function answer(
  { method = '', url = '', headers }: IncomingMessage,
  address: string,
): [number, Record<string, string>, string] {
  const json = (value: object): [number, Record<string, string>, string] => [
    200,
    { 'content-type': 'application/json' },
    JSON.stringify(value),
  ];
  if (url.includes('openid-configuration')) {
    return json({
      issuer: `${address}/adfs`,
      authorization_endpoint: `${address}/adfs/oauth2/authorize`,
      token_endpoint: `${address}/adfs/oauth2/token`,
      jwks_uri: `${address}/adfs/discovery/keys`,
    });
  }
  if (url.includes('/oauth2/token')) return json({ token_type: 'Bearer', expires_in: 3600, access_token: 'TOKEN' });
  const known = { etag: '"0x1"', 'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT', 'content-length': '0' };
  const isCopy = headers['x-ms-copy-source'] !== undefined;
  return [method !== 'PUT' ? 200 : isCopy ? 202 : 201, known, ''];
}

const canTry = makeCertificate();
afterAll(() => rmSync(folder, { recursive: true }));

describe('a workload’s own identity', () => {
  const seen: Seen[] = [];
  let store: AzureBlobStore;
  let end = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    if (!canTry) return;
    const certificate = readFileSync(CERTIFICATE_FILE, 'utf8');
    setDefaultCACertificates([...getCACertificates('default'), certificate]);
    let address = '';
    const server = createServer({ key: readFileSync(KEY_FILE), cert: certificate }, (request, response) => {
      void text(request).then((body) => {
        const { authorization, 'x-ms-copy-source-authorization': copySource } = request.headers;
        seen.push({
          request: `${request.method} ${request.url}`,
          authorization,
          copySource: copySource?.toString(),
          body,
        });
        const [status, headers, content] = answer(request, address);
        response.writeHead(status, headers).end(content);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // What the webhook of AKS sets; this tenant is one whose authority needs no look-up elsewhere.
    Object.assign(process.env, {
      AZURE_AUTHORITY_HOST: address,
      AZURE_TENANT_ID: 'adfs',
      AZURE_CLIENT_ID: 'voicemail',
      AZURE_FEDERATED_TOKEN_FILE: TOKEN_FILE,
    });
    await writeFile(TOKEN_FILE, 'FEDERATED');
    store = await openAzureBlobStore({
      container: 'voicemail',
      connectionStringFile: null,
      accountUrl: `${address}/devtest`,
      accountKeyFile: null,
      sasFile: null,
      clock: systemClock(),
      ids: systemIds(),
    });
    end = async () => {
      await store.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    };
  });

  afterAll(() => end());

  it('is shown with every request, got for the mounted token, once', async ({ skip }) => {
    skip(!canTry, 'there is no openssl here to make a certificate with: NOT TRIED');
    expect(await store.head('a')).toMatchObject({ etag: '"0x1"' });
    await store.put('b', Buffer.from('x'), { contentType: 'text/plain' });
    const tokens = seen.filter(({ request }) => request.includes('/oauth2/token'));
    expect(tokens).toHaveLength(1);
    const asked = new URLSearchParams(tokens[0]?.body);
    expect(asked.get('client_assertion')).toBe('FEDERATED');
    expect(asked.get('client_id')).toBe('voicemail');
    const calls = seen.filter(({ request }) => request.includes('/devtest/'));
    expect(calls.map(({ authorization }) => authorization)).toEqual(['Bearer TOKEN', 'Bearer TOKEN']);
  });

  it('is shown for the source of a copy too', async ({ skip }) => {
    skip(!canTry, 'there is no openssl here to make a certificate with: NOT TRIED');
    expect(await store.copy('a', 'c')).toMatchObject({ key: 'c', etag: '"0x1"' });
    const copy = seen.find(({ request }) => request === 'PUT /devtest/voicemail/c');
    expect(copy).toMatchObject({ authorization: 'Bearer TOKEN', copySource: 'Bearer TOKEN' });
  });
});
