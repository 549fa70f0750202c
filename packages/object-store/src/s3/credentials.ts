import type { Clock } from '@voicemail/runtime';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { readCredentials } from './credentials-file.ts';
import { rotatingCredentials } from './rotating-credentials.ts';

/** Whom requests are signed as. */
export interface Identity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Credentials that may be exchanged while they are in use. */
export interface Credentials {
  /** Those to sign with now. */
  present(): Promise<Identity>;
  /** The same where nothing has to be read; null where it has. */
  atHand(): Identity | null;
  /** Looks again after these were refused. Whether there are others now. */
  changedSince(refused: Identity): Promise<boolean>;
}

/** @param path a file or a folder (see `readCredentials`); null for the SDK's default chain: environment, workload identity, instance. */
export function credentials(path: string | null, clock: Clock): Credentials {
  if (path !== null) return rotatingCredentials(() => readCredentials(path), clock);
  // It remembers what it found, and asks for it anew before it ends.
  const chain = fromNodeProviderChain();
  return {
    present: () => chain(),
    atHand: () => null,
    changedSince: async (refused) => !isSame(await chain({ forceRefresh: true }), refused),
  };
}

export const isSame = (one: Identity, other: Identity): boolean =>
  one.accessKeyId === other.accessKeyId &&
  one.secretAccessKey === other.secretAccessKey &&
  one.sessionToken === other.sessionToken;
