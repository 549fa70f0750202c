import { z } from 'zod';

/** The key of an object that a publisher staged; whose tenant's it must be is checked beside it. */
export const stagedKey = z
  .string()
  .min(1)
  .refine((key) => Buffer.byteLength(key) <= 1024, 'must be at most 1024 bytes long')
  .meta({ description: 'staging/<tenant>/… in the store of the deposit region' });

export const STAGED_KEY_RULE =
  'must be a key under staging/<tenant>/, without empty, "." or ".." segments and control characters';

/** Whether a key lies under the tenant's staging folder and cannot leave it. */
export function isStagedKeyOf(tenant: string, key: string): boolean {
  const prefix = `staging/${tenant}/`;
  if (!key.startsWith(prefix) || /\p{Cc}/u.test(key)) return false;
  return key.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}
