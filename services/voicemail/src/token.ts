import type { ConfigFault } from '@voicemail/runtime';
import type { Config } from './config.ts';
import { readText } from './data-folder/private-file.ts';
import { SetupFault } from './setup-fault.ts';

/** What a bearer token may be made of (RFC 6750 §2.1). */
export const TOKEN_PATTERN = /^[A-Za-z0-9._~+/-]+=*$/;
/** The same in words. */
export const TOKEN_CHARACTERS = 'letters, digits and - . _ ~ + / with = at the end';

/** Two tokens would leave open which of them lets in. */
export function faultsOfToken(given: Readonly<Record<string, string>>): readonly ConfigFault[] {
  if (given['VOICEMAIL_TOKEN'] === undefined || given['VOICEMAIL_TOKEN_FILE'] === undefined) return [];
  return [{ variable: 'VOICEMAIL_TOKEN_FILE', problem: 'does not go with VOICEMAIL_TOKEN: unset one of them' }];
}

/**
 * The token that the environment gives, or the file that it names; null where it does neither.
 * @throws SetupFault where that file does not hold one.
 */
export async function givenToken({ token, tokenFile }: Pick<Config, 'token' | 'tokenFile'>): Promise<string | null> {
  if (tokenFile === null) return token;
  const text = await readText(tokenFile);
  if (text !== null && TOKEN_PATTERN.test(text)) return text;
  throw new SetupFault(
    text === null
      ? `VOICEMAIL_TOKEN_FILE is ${tokenFile}, which is not there or empty: mount it, or unset the variable.`
      : `VOICEMAIL_TOKEN_FILE is ${tokenFile}, which must hold a bearer token and nothing else: ${TOKEN_CHARACTERS}.`,
  );
}
