import { createHmac } from 'node:crypto';
import type { AzureServer } from './azurite.ts';

const SAS_VERSION = '2021-12-02';

/** A signature for everything that an Azure account's blobs allow, unless told. It ends at `expiresAt`, ms since the epoch. */
export function accountSas(
  { account, key }: Pick<AzureServer, 'account' | 'key'>,
  expiresAt: number,
  permissions = 'rwdxylacuptfi',
): string {
  const fields = {
    sp: permissions,
    ss: 'b',
    srt: 'sco',
    st: '',
    se: `${new Date(expiresAt).toISOString().slice(0, 19)}Z`,
    sip: '',
    spr: 'https,http',
    sv: SAS_VERSION,
    ses: '',
  };
  // "Construct the signature string" of an account SAS: these fields, one a line, after the account.
  const signed = [account, ...Object.values(fields), ''].join('\n');
  const sig = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
  const given = Object.entries({ ...fields, sig }).filter(([, value]) => value !== '');
  return new URLSearchParams(given).toString();
}

/** Makes a container: the system never makes one by itself. */
export async function makeContainer(server: AzureServer, name: string): Promise<void> {
  const sas = accountSas(server, new Date().getTime() + 60_000);
  const answer = await fetch(`${server.url}/${name}?restype=container&${sas}`, { method: 'PUT' });
  if (answer.status !== 201) throw new Error(`the container was not made: ${answer.status} ${await answer.text()}`);
}
