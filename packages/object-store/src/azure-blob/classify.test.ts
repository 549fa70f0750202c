import { inspect } from 'node:util';
import { ContainerSASPermissions } from '@azure/storage-blob';
import { azureServer, faultProxy, faults, whenAvailable, type AzureServer, shared } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { StoreError } from '../store-error.ts';
import { AzureFailure, storeError } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const NOW_MS = Date.UTC(2026, 10, 2, 10);
const NUMBER = '15551212000';

/** An error as the client makes one of an answer. */
function answered(status: number, code: string | null, headers: Readonly<Record<string, string>> = {}): Error {
  const all: Readonly<Record<string, string>> = { ...headers, ...(code === null ? {} : { 'x-ms-error-code': code }) };
  return Object.assign(new Error(`a body that says ${NUMBER}`), {
    name: 'RestError',
    statusCode: status,
    response: { headers: { get: (name: string) => all[name] } },
  });
}

const network = (code: string): Error => Object.assign(new Error(`connect ${code}`), { name: 'RestError', code });

describe('an answer of Azure', () => {
  it.each<[number, string | null, string]>([
    [409, 'BlobAlreadyExists', 'condition-failed'],
    [412, 'ConditionNotMet', 'condition-failed'],
    [412, 'TargetConditionNotMet', 'condition-failed'],
    [412, null, 'condition-failed'],
    [412, 'SourceConditionNotMet', 'busy'],
    [412, 'LeaseIdMissing', 'busy'],
    [409, 'PendingCopyOperation', 'busy'],
    [409, 'SnapshotsPresent', 'busy'],
    [400, 'InvalidBlockList', 'busy'],
    [404, 'BlobNotFound', 'not-found'],
    [404, 'CannotVerifyCopySource', 'not-found'],
    [404, 'ContainerNotFound', 'unavailable'],
    [409, 'ContainerBeingDeleted', 'unavailable'],
    [403, 'AccountIsDisabled', 'unavailable'],
    [409, 'BlobArchived', 'unavailable'],
    [400, 'Md5Mismatch', 'unavailable'],
    [500, 'InternalError', 'unavailable'],
    [500, 'OperationTimedOut', 'busy'],
    [503, 'ServerBusy', 'busy'],
    [503, null, 'busy'],
    [429, null, 'busy'],
    [401, 'NoAuthenticationInformation', 'permission-denied'],
    [403, 'AuthenticationFailed', 'permission-denied'],
    [403, 'AuthorizationPermissionMismatch', 'permission-denied'],
    [403, 'InsufficientAccountPermissions', 'permission-denied'],
    [403, 'SomethingNew', 'permission-denied'],
    [400, 'InvalidAuthenticationInfo', 'permission-denied'],
    [409, 'BlobImmutableDueToPolicy', 'permission-denied'],
    [416, 'InvalidRange', 'invalid-range'],
    [400, 'InvalidResourceName', 'invalid-key'],
    [400, 'MetadataTooLarge', 'unsupported'],
    [409, 'FeatureNotYetSupportedForHierarchicalNamespaceAccounts', 'unsupported'],
    // Absent is only what the service says is: not whatever a gateway does not find.
    [404, null, 'unknown'],
    [400, 'InvalidHeaderValue', 'unknown'],
    [409, 'SomethingNew', 'unknown'],
    [302, null, 'unknown'],
  ])('%i %s is %s', (status, code, kind) => {
    const error = storeError('put', 'a/b', answered(status, code), NOW_MS);
    expect(error).toMatchObject({ name: 'StoreError', kind, operation: 'put', key: 'a/b' });
    expect(error.message).toContain(String(status));
    expect(error.cause).toMatchObject({ name: 'AzureFailure', statusCode: status, code });
  });

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'CERT_HAS_EXPIRED',
    'REQUEST_SEND_ERROR',
  ])('that does not come is unavailable: %s', (code) => {
    const error = storeError('get', 'k', network(code), NOW_MS);
    expect(error).toMatchObject({ kind: 'unavailable', retryable: true, cause: { code } });
  });

  it('is classified whatever it is, as unknown where nothing is known, and may then be tried again', () => {
    for (const other of [
      network('PARSE_ERROR'),
      new Error('plain'),
      new TypeError('of ours'),
      'text',
      null,
      undefined,
    ]) {
      expect(storeError('get', 'k', other, NOW_MS)).toMatchObject({ kind: 'unknown', retryable: true });
    }
  });

  it('that no token could be had for is permission denied', () => {
    for (const name of ['CredentialUnavailableError', 'AuthenticationError', 'AggregateAuthenticationError']) {
      const error = storeError('get', 'k', Object.assign(new Error('tenant'), { name }), NOW_MS);
      expect(error.kind).toBe('permission-denied');
    }
  });

  it('that is the port’s own stays as it is, and a fault gets its call and key', () => {
    const own = new StoreError('busy', 'put', 'k', 'once');
    expect(storeError('get', 'other', own, NOW_MS)).toBe(own);
    const fault = storeError('get', 'k', new StoreFault('corrupt', 'spoilt'), NOW_MS);
    expect(fault).toMatchObject({ kind: 'corrupt', message: 'get k: spoilt' });
  });

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['Mon, 02 Nov 2026 10:00:05 GMT', 5_000],
    ['Mon, 02 Nov 2026 09:00:00 GMT', 0],
    ['soon', null],
  ])('says how long to wait: %s', (header, expected) => {
    const error = storeError('get', 'k', answered(503, 'ServerBusy', { 'retry-after': header }), NOW_MS);
    expect(error.retryAfterMs).toBe(expected);
  });

  it.each([
    ['Mon, 02 Nov 2026 09:00:00 GMT', 'the clock here is 60 min ahead of the service’s'],
    ['Mon, 02 Nov 2026 10:20:00 GMT', 'the clock here is 20 min behind the service’s'],
  ])('that refuses because of the clock says so (%s)', (date, told) => {
    const refused = storeError('get', 'k', answered(403, 'AuthenticationFailed', { date }), NOW_MS);
    expect(refused.message.replace("'", '’')).toContain(told);
    const near = answered(403, 'AuthenticationFailed', { date: 'Mon, 02 Nov 2026 10:10:00 GMT' });
    expect(storeError('get', 'k', near, NOW_MS).message).not.toContain('clock');
  });

  it('is told without its body, and a code that is none is not repeated', () => {
    const odd = answered(418, `a code of ${NUMBER}, and spaces`, { 'x-ms-request-id': `<${NUMBER}>` });
    for (const error of [storeError('get', 'k', odd, NOW_MS), storeError('get', 'k', answered(403, 'X'), NOW_MS)]) {
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(NUMBER);
    }
    expect(new AzureFailure('RestError', 403, 'AuthenticationFailed', 'id-1').message).toBe(
      'RestError 403 AuthenticationFailed request id-1',
    );
  });
});

whenAvailable(shared(await azureServer()), 'an error of a real call', (start) => {
  let container: ServerContainer;
  let server: AzureServer;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  it('holds no secret, no signature, no address with a query, no tag and no content, whoever prints it', async () => {
    const url = new URL(
      await container.client.generateSasUrl({
        permissions: ContainerSASPermissions.parse('rcw'),
        expiresOn: new Date(Date.now() + 3_600_000),
      }),
    );
    const proxy = await faultProxy(server.url);
    const sasFile = await container.secret('sas', url.search);
    const stores = [
      await container.open({}, proxy.url),
      await container.open({ connectionStringFile: null, accountUrl: proxy.url, sasFile }),
    ];
    // As the service answers a signature that does not fit: it quotes the text that was to be signed, tags included.
    proxy.inject({ times: 1_000 }, async (exchange) => {
      const { rawHeaders, url: path } = exchange.request;
      const quoted = `${rawHeaders.join(' ')} ${path}`.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
      const body = `<?xml version="1.0" encoding="utf-8"?><Error><Code>AuthenticationFailed</Code><Message>Server failed to authenticate the request.</Message><AuthenticationErrorDetail>${quoted}</AuthenticationErrorDetail></Error>`;
      await faults.answer(403, { 'content-type': 'application/xml' }, body)(exchange);
    });
    const tags = { caller_id: `+${NUMBER}` };
    const errors = await Promise.all(
      stores.flatMap((store) => [
        store.put('a/b', Buffer.from('CONTENT'), { contentType: 'audio/wav', tags }).catch((error: unknown) => error),
        Array.fromAsync(store.find('a/', { name: 'caller_id', value: `+${NUMBER}` })).catch((error: unknown) => error),
      ]),
    );
    const secrets = [
      NUMBER,
      Buffer.from(JSON.stringify(tags)).toString('base64url'),
      'CONTENT',
      server.key,
      url.searchParams.get('sig') ?? 'sig',
      'sig=',
      'SharedKey',
      'where=',
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ kind: 'permission-denied', cause: { statusCode: 403 } });
      const printed = [inspect(error, { depth: 9, showHidden: true }), String((error as Error).stack)].join('\n');
      for (const secret of secrets) expect(printed).not.toContain(secret);
    }
  });
});
