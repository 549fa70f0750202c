import {
  azureServer,
  faultProxy,
  faults,
  whenAvailable,
  type AzureServer,
  type Fault,
  type FaultProxy,
  shared,
} from '@voicemail/testing';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../port.ts';
import { containerOf, type ServerContainer } from './server-container.ts';

const WAV = { contentType: 'audio/wav' };
const DAY_MS = 24 * 3_600_000;
const SLACK_MS = 60_000;

/** An entry of List Blobs as the REST reference has it ("List Blobs", version 2019-12-12 and later). */
interface Entry {
  readonly name?: string;
  readonly version?: string;
  readonly isCurrent?: boolean;
  readonly snapshot?: string;
  /** Of a soft-deleted one. */
  readonly remainingDays?: number;
  readonly isReplicated?: boolean;
}

const entryXml = ({ name = 'k', version, isCurrent, snapshot, remainingDays, isReplicated = false }: Entry): string =>
  [
    `<Blob><Name>${name}</Name>`,
    remainingDays === undefined ? '' : '<Deleted>true</Deleted>',
    snapshot === undefined ? '' : `<Snapshot>${snapshot}</Snapshot>`,
    version === undefined ? '' : `<VersionId>${version}</VersionId>`,
    isCurrent === true ? '<IsCurrentVersion>true</IsCurrentVersion>' : '',
    '<Properties><Last-Modified>Mon, 02 Nov 2026 10:00:00 GMT</Last-Modified><Etag>0x1</Etag>',
    '<Content-Length>5</Content-Length><Content-Type>audio/wav</Content-Type><BlobType>BlockBlob</BlobType>',
    remainingDays === undefined
      ? ''
      : `<DeletedTime>Mon, 02 Nov 2026 10:00:00 GMT</DeletedTime><RemainingRetentionDays>${remainingDays}</RemainingRetentionDays>`,
    '</Properties>',
    isReplicated ? '<OrMetadata><or-policy1_rule1>complete</or-policy1_rule1></OrMetadata>' : '<OrMetadata />',
    '</Blob>',
  ].join('');

const listing = (...entries: readonly Entry[]) =>
  faults.answer(
    200,
    { 'content-type': 'application/xml' },
    `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x.blob.core.windows.net/" ContainerName="c"><Prefix>k</Prefix><Blobs>${entries.map(entryXml).join('')}</Blobs><NextMarker /></EnumerationResults>`,
  );

const [V1, V2, V3] = ['01', '02', '03'].map((day) => `2026-11-${day}T10:00:00.0000000Z`) as [string, string, string];

whenAvailable(shared(await azureServer()), 'a purge on Azure Blob Storage', (start) => {
  let container: ServerContainer;
  let server: AzureServer;
  let proxy: FaultProxy;
  let store: ObjectStore;

  beforeAll(async () => {
    server = await start();
    container = await containerOf(server);
    return () => container.dispose();
  });

  beforeEach(async () => {
    proxy = await faultProxy(server.url);
    store = await container.open({}, proxy.url);
  });

  describe('of snapshots', () => {
    it('takes them all, of this object alone, and leaves it', async () => {
      for (const key of ['s/a', 's/a-beside', 's/a/b']) {
        await store.put(key, Buffer.from('first'), WAV);
        await container.client.getBlobClient(key).createSnapshot();
      }
      await container.client.getBlobClient('s/a').createSnapshot();
      const put = await store.put('s/a', Buffer.from('second'), WAV);
      expect(await store.purge('s/a')).toEqual({ erased: 2, left: [] });
      expect(await store.purge('s/a')).toEqual({ erased: 0, left: [] });
      expect(await store.head('s/a')).toMatchObject(put);
      for (const key of ['s/a-beside', 's/a/b']) expect(await store.purge(key)).toEqual({ erased: 1, left: [] });
    });

    it('is not needed after a delete, which takes them along', async () => {
      await store.put('s/gone', Buffer.from('first'), WAV);
      await container.client.getBlobClient('s/gone').createSnapshot();
      expect(await store.delete('s/gone')).toBe(true);
      expect(await store.purge('s/gone')).toEqual({ erased: 0, left: [] });
    });
  });

  // Azurite has neither versions nor soft delete: what follows are answers as the service's reference has them.
  const lists = { method: 'GET', path: 'comp=list' };
  const deletes = { method: 'DELETE' };
  /** What the listings of a purge are answered, one after the other. */
  const listed = (...answers: readonly Fault[]): void => {
    for (const [index, answer] of answers.entries()) proxy.inject({ ...lists, nth: index + 1 }, answer);
  };
  const asked = (): readonly string[] =>
    proxy.requests.all(deletes).map(({ path }) => {
      const query = new URL(path, server.url).searchParams;
      return [query.get('versionid') ?? query.get('snapshot'), query.get('deletetype') ?? 'once'].join(' ');
    });

  describe('of versions (recorded answers)', () => {
    it('takes all but the current one', async () => {
      const current = { version: V3, isCurrent: true };
      const beside = { name: 'k-beside', version: V1 };
      listed(listing({ version: V1 }, { version: V2 }, current, beside), listing(current, beside));
      proxy.inject({ ...deletes, times: 9 }, faults.answer(202));
      expect(await store.purge('k')).toEqual({ erased: 2, left: [] });
      expect(asked()).toEqual([`${V1} once`, `${V2} once`]);
      const [first] = proxy.requests.all(lists);
      const query = new URL(first?.path ?? '', server.url).searchParams;
      expect(query.get('include')?.split(',').toSorted()).toEqual(['deleted', 'snapshots', 'versions']);
    });

    it('takes all of an object that was deleted', async () => {
      listed(listing({ version: V1 }, { version: V2 }), listing());
      proxy.inject({ ...deletes, times: 9 }, faults.answer(202));
      expect(await store.purge('k')).toEqual({ erased: 2, left: [] });
    });

    it('tells which are locked, and which it may not delete', async () => {
      proxy.inject({ ...lists, times: 9 }, listing({ version: V1 }, { version: V2 }, { version: V3, isCurrent: true }));
      proxy.inject({ ...deletes, path: '2026-11-01' }, faults.azure.error(409, 'BlobImmutableDueToPolicy', 'no'));
      proxy.inject(
        { ...deletes, path: '2026-11-02', times: 2 },
        faults.azure.error(403, 'AuthorizationPermissionMismatch', 'no'),
      );
      const { erased, left } = await store.purge('k');
      expect(erased).toBe(0);
      expect(left).toMatchObject([
        { what: 'version', count: 1, until: null, why: expect.stringContaining('409 BlobImmutableDueToPolicy') },
        { what: 'version', count: 1, until: null, why: expect.stringContaining('deleteBlobVersion/action') },
      ]);
    });

    it('is broken off, and says so, where what is in the way may pass', async () => {
      proxy.inject(lists, listing({ version: V1 }));
      proxy.inject(deletes, faults.azure.serverBusy());
      await expect(store.purge('k')).rejects.toMatchObject({ kind: 'busy', operation: 'purge', key: 'k' });
    });
  });

  describe('of what soft delete keeps (recorded answers)', () => {
    it('takes versions and snapshots for good, where the account permits it', async () => {
      const snapshot = { snapshot: V2, remainingDays: 6 };
      const current = { version: V3, isCurrent: true };
      listed(
        listing({ version: V1 }, snapshot, current),
        listing({ version: V1, remainingDays: 7 }, snapshot, current),
      );
      proxy.inject({ ...deletes, times: 9 }, faults.answer(202));
      expect(await store.purge('k')).toEqual({ erased: 2, left: [] });
      expect(asked()).toEqual([`${V1} once`, `${V1} permanent`, `${V2} permanent`]);
    });

    it('tells how many stay where it does not, why, and until when', async () => {
      const kept = [
        { version: V1, remainingDays: 3 },
        { version: V2, remainingDays: 7 },
      ];
      proxy.inject({ ...lists, times: 2 }, listing(...kept));
      proxy.inject({ ...deletes, times: 9 }, faults.azure.error(403, 'AuthorizationPermissionMismatch', 'no'));
      const { erased, left } = await store.purge('k');
      expect(erased).toBe(0);
      expect(left).toMatchObject([
        { what: 'soft-deleted', count: 2, why: expect.stringContaining('permanentDelete/action') },
      ]);
      const daysFromNow = ((left[0]?.until ?? 0) - Date.now() + SLACK_MS) / DAY_MS;
      expect(daysFromNow).toBeGreaterThan(7);
      expect(daysFromNow).toBeLessThan(8.1);
    });

    it('tells of whole blobs that nobody can erase, and does not try', async () => {
      proxy.inject({ ...lists, times: 2 }, listing({ remainingDays: 14 }));
      const { erased, left } = await store.purge('k');
      expect(erased).toBe(0);
      expect(left).toMatchObject([{ what: 'soft-deleted', count: 1, why: expect.stringContaining('whole blobs') }]);
      expect(asked()).toEqual([]);
    });
  });

  it('tells of replicas in another account (recorded answers)', async () => {
    proxy.inject(lists, listing({ version: V3, isCurrent: true, isReplicated: true }));
    expect(await store.purge('k')).toMatchObject({ erased: 0, left: [{ what: 'replica', count: 1, until: null }] });
  });

  it('goes through all pages of what is kept (recorded answers)', async () => {
    const paged = (marker: string, entry: Entry) =>
      faults.answer(
        200,
        { 'content-type': 'application/xml' },
        `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="https://x/" ContainerName="c"><Blobs>${entryXml(entry)}</Blobs><NextMarker>${marker}</NextMarker></EnumerationResults>`,
      );
    listed(paged('more', { version: V1 }), paged('', { version: V2 }), listing());
    proxy.inject({ ...deletes, times: 9 }, faults.answer(202));
    expect(await store.purge('k')).toEqual({ erased: 2, left: [] });
    expect(proxy.requests.all(lists)[1]?.path).toContain('marker=more');
  });
});
