import type { BlockBlobCommitBlockListOptions } from '@azure/storage-blob';
import type { Ids } from '@voicemail/runtime';
import type { Account } from './account.ts';
import { transactionalMd5 } from './md5.ts';
import type { Properties, Scope } from './properties.ts';

const NUMBER_DIGITS = 8;

/** A blob that is written block by block, and is there once they are committed. */
export interface Blocks {
  readonly isEmpty: () => boolean;
  /** Put Block. The bytes are the caller's again when it resolves. */
  readonly stage: (bytes: Buffer) => Promise<void>;
  /** Put Block List. */
  readonly commit: (options: BlockBlobCommitBlockListOptions) => Promise<Properties>;
}

/**
 * Blocks that are not committed are no object. The service drops them after a week, or when another writer of the same object commits,
 * whose own blocks these are not: writers share a blob's uncommitted blocks, so the ids of each begin with a token.
 */
export function blocksOf(account: Account, ids: Pick<Ids, 'token'>, scope: Scope, key: string, name: string): Blocks {
  // Most objects are one piece, and need none.
  let token: string | null = null;
  const staged: string[] = [];
  return {
    isEmpty: () => staged.length === 0,
    stage: async (bytes) => {
      token ??= ids.token();
      const id = Buffer.from(`${token}${String(staged.length).padStart(NUMBER_DIGITS, '0')}`).toString('base64');
      const sum = transactionalMd5(bytes);
      await account.call('put', key, async ({ container }, abortSignal) => {
        const options = { ...scope, ...sum, abortSignal };
        await container.getBlockBlobClient(name).stageBlock(id, bytes, bytes.length, options);
      });
      staged.push(id);
    },
    commit: (options) =>
      account.call('put', key, ({ container }, abortSignal) =>
        container.getBlockBlobClient(name).commitBlockList(staged, { ...options, abortSignal }),
      ),
  };
}
