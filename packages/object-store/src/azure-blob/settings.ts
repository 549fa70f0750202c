import type { Clock } from '@voicemail/runtime';
import type { StoreSetting } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account, Request } from './account.ts';
import { valueOf } from './listing.ts';
import { orNull } from './or-null.ts';
import type { Scope } from './properties.ts';
import { verdicts, type Answer } from './verdicts.ts';

/** Written, read and taken away again; a tenant's keys begin with a letter or a digit. */
const PROBE_BLOB = '.probe';
const PROBE = Buffer.from('what a probe holds is read back');
/** As many objects are looked at for signs of replication. */
const SAMPLE_ITEMS = 100;

/** What a second attempt would not change: it is told as a setting that is not known. */
const REFUSALS: ReadonlySet<string> = new Set(['permission-denied', 'unsupported', 'unknown']);

/**
 * Asks the service how it is set up: Get Container Properties, Get Blob Service Properties, Get Account Information, List Blobs, and
 * a probe that is written, read and deleted.
 * @throws StoreError where the service cannot be asked at all.
 */
export async function askSettings(account: Account, scope: Scope, clock: Clock): Promise<readonly StoreSetting[]> {
  const call = <T>(request: Request<T>): Promise<T> => account.call('settings', null, request);
  const ask = async <T>(asking: () => Promise<T>): Promise<Answer<T>> => {
    try {
      return { found: await asking() };
    } catch (error) {
      if (error instanceof StoreError && REFUSALS.has(error.kind)) return { refused: error.message };
      throw error;
    }
  };
  const container = await ask(() => call(({ container: one }, abortSignal) => one.getProperties({ abortSignal })));
  const askedAtMs = clock.now();
  return verdicts({
    container,
    askedAtMs,
    encryptionScope: scope.encryptionScope ?? null,
    service: await ask(() => call(({ service }, abortSignal) => service.getProperties({ abortSignal }))),
    information: await ask(() => call(({ service }, abortSignal) => service.getAccountInfo({ abortSignal }))),
    sample: await ask(() =>
      call(async ({ container: one }, abortSignal) => {
        const page = await one.listBlobsFlat({ abortSignal }).byPage({ maxPageSize: SAMPLE_ITEMS }).next();
        return valueOf(page).segment.blobItems;
      }),
    ),
    probe: await ask(() => probe(call, scope)),
  });
}

async function probe(call: <T>(request: Request<T>) => Promise<T>, scope: Scope) {
  const written = await call(({ container }, abortSignal) =>
    container.getBlockBlobClient(PROBE_BLOB).upload(PROBE, PROBE.length, { ...scope, abortSignal }),
  );
  const read = await call(({ container }, abortSignal) =>
    container.getBlobClient(PROBE_BLOB).downloadToBuffer(0, PROBE.length, { abortSignal }),
  );
  await orNull(call(({ container }, abortSignal) => container.getBlobClient(PROBE_BLOB).delete({ abortSignal })));
  const { versionId } = written;
  if (versionId !== undefined) {
    await orNull(
      call(({ container }, abortSignal) =>
        container.getBlobClient(PROBE_BLOB).withVersion(versionId).delete({ abortSignal }),
      ),
    );
  }
  return { isVersioned: versionId !== undefined, scope: written.encryptionScope ?? null, isSame: read.equals(PROBE) };
}
