import { createHmac } from 'node:crypto';

/**
 * Keyed hashes of canonical caller ids, for names and tags where a number must not stand in the clear. Still pseudonymous
 * data: who holds the key and a number can tell whether it is there.
 */
export interface CallerHashes {
  /** The hash that is written: 64 hex digits, another one for each tenant. */
  current(tenant: string, canonical: string): string;
  /** The hashes that are searched: under the current key, then under previous ones. */
  all(tenant: string, canonical: string): readonly string[];
  /** What another process with the same current key says too. */
  readonly checkValue: string;
  /** Tells entries under the current key from those under others, without a caller. */
  readonly keyId: string;
  /** The same of every key of the file, in its order: the current one first. */
  readonly keyIds: readonly string[];
  /** Whether a check value is that of one of the keys, the current or a previous one. */
  readonly isKnown: (checkValue: string) => boolean;
}

export class InvalidCallerHashKey extends Error {
  override readonly name = 'InvalidCallerHashKey';
}

const KEY_BYTES = 32;
const KEY_ID_DIGITS = 16;

const keyIdOf = (checkValue: string): string => checkValue.slice(0, KEY_ID_DIGITS);

/**
 * @param text the key file (`CALLER_HASH_KEY_FILE`): base64 of 32 bytes a line, the current one first, then previous ones.
 * @throws InvalidCallerHashKey naming the faulty lines.
 */
export function callerHashes(text: string): CallerHashes {
  const lines = text.split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '').map((line) => Buffer.from(line, 'base64'));
  const faulty = keys.flatMap((key, index) => (key.length === KEY_BYTES ? [] : [index + 1]));
  if (keys.length === 0)
    throw new InvalidCallerHashKey('the caller-hash key file holds no key: write base64 of 32 bytes');
  if (faulty.length > 0)
    throw new InvalidCallerHashKey(`the caller-hash key file's keys ${faulty.join(', ')} are not base64 of 32 bytes`);
  const hash = (key: Buffer, tenant: string, canonical: string): string =>
    createHmac('sha256', key).update(tenant).update('\0').update(canonical).digest('hex');
  const [current] = keys as [Buffer, ...Buffer[]];
  const checkOf = (key: Buffer): string =>
    createHmac('sha256', key).update('voicemail caller-hash check').digest('hex');
  return {
    current: (tenant, canonical) => hash(current, tenant, canonical),
    all: (tenant, canonical) => keys.map((key) => hash(key, tenant, canonical)),
    checkValue: checkOf(current),
    keyId: keyIdOf(checkOf(current)),
    keyIds: keys.map((key) => keyIdOf(checkOf(key))),
    isKnown: (checkValue) => keys.some((key) => checkOf(key) === checkValue),
  };
}
