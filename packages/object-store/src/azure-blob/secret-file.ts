import { readFile } from 'node:fs/promises';
import { StoreFault } from '../store-fault.ts';

/** What a secret file is to hold; `looks` tells that from something else that was mounted there by mistake. */
export interface SecretForm {
  readonly what: string;
  readonly looks: (text: string) => boolean;
}

/** `SharedAccessSignature` alone, or an account with its key. */
export const CONNECTION_STRING: SecretForm = {
  what: 'a connection string (DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=…)',
  looks: (text) => /(?:^|;)(?:AccountKey|SharedAccessSignature)=[^;\s]/i.test(text) && !/\n/.test(text),
};

export const ACCOUNT_KEY: SecretForm = {
  what: 'one key of the account, base64',
  looks: (text) => /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
};

export const SAS: SecretForm = {
  what: 'a shared access signature (sv=…&sig=…)',
  looks: (text) => /^\??[^?\s]*\bsig=[^&\s]+/.test(text) && !/[\s]/.test(text),
};

/**
 * The text of a secret file, read anew each time: a mounted secret changes by a symlink swap, which no watch of the file itself sees.
 * @throws StoreFault `permission-denied` that names the file and what it is to hold, and nothing of what it holds.
 */
export async function readSecret(file: string, form: SecretForm): Promise<string> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw fault(file, form, 'cannot be read', error);
  }
  if (!form.looks(text)) throw fault(file, form, text === '' ? 'is empty' : 'holds something else');
  return text;
}

const fault = (file: string, { what }: SecretForm, wrong: string, cause?: unknown): StoreFault =>
  new StoreFault('permission-denied', `the secret file ${file} ${wrong}: it is to hold ${what}`, { cause });
