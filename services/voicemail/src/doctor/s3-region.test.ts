import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openS3Store } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { faultProxy, faults, s3Server, tempFolder, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it } from 'vitest';
import { findingsOf, wrongIn } from './region-under-test.ts';

const [clock, ids] = [systemClock(), systemIds()];

const s3 = await s3Server();
whenAvailable(s3, 'the doctor and a region on S3', (start) => {
  let server: S3Server;
  const storageOn = ({ region, endpoint }: S3Server, more: object = {}): object => ({
    interface: 'S3',
    bucket: 'voicemail',
    region,
    endpoint,
    force_path_style: true,
    credentials_file: 'credentials',
    ...more,
  });
  const credentialsOf = ({ accessKey, secretKey }: Pick<S3Server, 'accessKey' | 'secretKey'>) => ({
    credentials: `[default]\naws_access_key_id = ${accessKey}\naws_secret_access_key = ${secretKey}\n`,
  });
  beforeAll(async () => {
    server = await start();
    await server.makeBucket('voicemail');
  });

  it('does every step, asks how the bucket is set up, and leaves nothing', async () => {
    for (const wasSeen of [false, true]) {
      const findings = await findingsOf(await tempFolder(), storageOn(server, { prefix: 'vm/' }), {
        wasSeen,
        files: credentialsOf(server),
      });
      expect(wrongIn(findings)).toEqual([]);
      expect(findings['']?.detail).toMatch(
        /^bucket voicemail, folder vm\/ at http:.*: put, get, condition, tag, list, check, delete, purge work$/,
      );
      expect(findings).toMatchObject({
        versioning: { detail: 'off' },
        clock: { ok: true },
        replication: { unknown: true },
      });
    }
    expect(await keysOn(server)).toEqual(['vm/.identity']);
  });

  it('says of a bucket that is not there where to look, and makes none', async () => {
    for (const _ of [1, 2]) {
      const findings = await findingsOf(await tempFolder(), storageOn(server, { bucket: 'not-made' }), {
        files: credentialsOf(server),
      });
      expect(findings['put']).toMatchObject({
        ok: false,
        advice: expect.stringContaining('docs/storage-s3.md') as string,
      });
    }
  });

  it('says of wrong credentials that they are refused, and never repeats them', async () => {
    const secretKey = 'c2VjcmV0LW9mLW5vYm9keQ';
    const findings = await findingsOf(await tempFolder(), storageOn(server), {
      files: credentialsOf({ ...server, secretKey }),
    });
    expect(findings['put']).toMatchObject({ ok: false, advice: expect.stringContaining('credentials') as string });
    expect(JSON.stringify(findings)).not.toContain(secretKey);
  });

  it('names the actions that a read-only identity lacks', async () => {
    const readonly = await start({ readonly: true });
    await readonly.makeBucket('voicemail');
    const findings = await findingsOf(await tempFolder(), storageOn(readonly), { files: credentialsOf(readonly) });
    expect(findings['put']).toMatchObject({
      ok: false,
      advice: expect.stringContaining('s3:PutObject and s3:PutObjectTagging on the bucket voicemail') as string,
    });
  });

  it('names the actions of a step that alone is refused, and removes the probe nevertheless', async () => {
    const proxy = await faultProxy(server.endpoint);
    const storage = storageOn(server, { endpoint: proxy.url, prefix: 'alone/' });
    const occasions = {
      list: { method: 'GET', path: 'list-type=2' },
      get: { method: 'GET', path: /probes\/[^/?]+\?x-id=GetObject/ },
      check: { method: 'DELETE', path: /\.check\?.*uploadId=/ },
      purge: { method: 'GET', path: /[?&]versions/ },
    };
    for (const [step, occasion] of Object.entries(occasions)) {
      const injected = proxy.inject({ ...occasion, times: 1_000 }, faults.s3.accessDenied());
      const findings = await findingsOf(await tempFolder(), storage, { files: credentialsOf(server) });
      injected.remove();
      expect(injected.hits).toBeGreaterThan(0);
      expect(wrongIn(findings)).toContain(step);
      expect(findings[step]?.advice).toMatch(/^Give its identity s3:/);
      if (step === 'check') expect(findings[step]?.advice).toContain('s3:AbortMultipartUpload');
    }
    expect(await keysOn(server)).toEqual(['vm/.identity']);
  });

  it('asks for the KMS actions too where the region has a key, and does not take the key for used when nobody tells', async () => {
    const proxy = await faultProxy(server.endpoint);
    const storage = storageOn(server, { endpoint: proxy.url, kms_key_id: 'alias/voicemail' });
    proxy.inject({ method: 'PUT', times: 1_000 }, faults.s3.accessDenied());
    const findings = await findingsOf(await tempFolder(), storage, { files: credentialsOf(server) });
    expect(findings['put']?.advice).toContain('kms:GenerateDataKey and kms:Decrypt');
    expect(findings['encryption']).toMatchObject({ ok: false });
  });
});

async function keysOn(server: S3Server): Promise<readonly string[]> {
  const folder = await tempFolder();
  await writeFile(join(folder, 'access_key'), server.accessKey);
  await writeFile(join(folder, 'secret_key'), server.secretKey);
  const store = await openS3Store({
    bucket: 'voicemail',
    prefix: '',
    region: server.region,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentialsFile: folder,
    clock,
    ids,
  });
  const keys = (await Array.fromAsync(store.list(''))).map(({ key }) => key);
  await store.close();
  return keys;
}
