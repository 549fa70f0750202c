import type { Tags, WrittenObject } from '../port.ts';
import { StoreError } from '../store-error.ts';
import type { Account } from './account.ts';
import { blobName } from './blob-names.ts';
import { AzureFailure } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { tagsOption } from './index-tags.ts';
import { writtenObject, type Properties, type Scope } from './properties.ts';
import { head } from './reading.ts';

/**
 * Copies inside the container, with tags and condition in the same step: Get Blob Properties of the source, Copy Blob From URL.
 * Null where the service will not read the source for us; the object is then to be read and written by the caller.
 * @throws StoreError `not-found`, `condition-failed`; `busy` when the source was changed meanwhile.
 */
export async function copyInside(
  account: Account,
  scope: Scope,
  from: string,
  to: string,
  given: Tags | undefined,
): Promise<WrittenObject | null> {
  const [sourceName, targetName] = [blobName('copy', from), blobName('copy', to)];
  const source = await head(account, 'copy', from);
  if (source === null) throw new StoreError('not-found', 'copy', from, 'there is no such object to copy');
  const { size, contentType } = source;
  const tags = given ?? source.tags;
  try {
    const copied = await account.call(
      'copy',
      to,
      async ({ container, copySource }, abortSignal): Promise<Properties> => {
        const { url, authorization } = await copySource(container.getBlobClient(sourceName));
        return container.getBlobClient(targetName).syncCopyFromURL(url, {
          ...scope,
          ...(authorization === undefined ? {} : { sourceAuthorization: authorization }),
          abortSignal,
          ...tagsOption('copy', to, tags),
          conditions: { ifNoneMatch: '*' },
          sourceConditions: { ifMatch: source.etag },
        });
      },
    );
    return writtenObject('copy', to, copied, { size, contentType, tags });
  } catch (error) {
    if (isUnreadableSource(error)) return null;
    throw (await isWrongCondition(account, to, error)) ? changed(to) : error;
  }
}

/** Private endpoints, firewalls and keys that are not permitted there can keep the service itself from reading the source. */
const isUnreadableSource = (error: unknown): boolean =>
  error instanceof StoreError &&
  error.kind !== 'not-found' &&
  error.cause instanceof AzureFailure &&
  error.cause.code === 'CannotVerifyCopySource';

/** The service may say the same of both conditions: where there is still no target, it was the source's that did not hold. */
const isWrongCondition = async (account: Account, to: string, error: unknown): Promise<boolean> =>
  error instanceof StoreError && error.kind === 'condition-failed' && (await head(account, 'copy', to)) === null;

const changed = (to: string): StoreError =>
  new StoreError('busy', 'copy', to, 'its source was changed while it was copied', {
    cause: new StoreFault('condition-failed', 'the condition on the source does not hold'),
  });
