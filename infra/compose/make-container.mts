/** Makes the container CONTAINER of the account ACCOUNT_URL, if it is not there, with the key in ACCOUNT_KEY_FILE. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const url = process.env['ACCOUNT_URL'] ?? '';
const account = new URL(url).pathname.slice(1);
const key = Buffer.from(readFileSync(process.env['ACCOUNT_KEY_FILE'] ?? '', 'utf8'), 'base64');

// "Construct the signature string" of an account SAS: a right to make containers, for five minutes.
const expiry = `${new Date(Date.now() + 300_000).toISOString().slice(0, 19)}Z`;
const sas = { sp: 'c', ss: 'b', srt: 'c', st: '', se: expiry, sip: '', spr: 'https,http', sv: '2021-12-02', ses: '' };
const sig = createHmac('sha256', key)
  .update([account, ...Object.values(sas), ''].join('\n'))
  .digest('base64');
const query = new URLSearchParams({ restype: 'container', ...sas, sig });
for (const name of ['st', 'sip', 'ses']) query.delete(name);

const answer = await fetch(`${url}/${process.env['CONTAINER'] ?? ''}?${query.toString()}`, { method: 'PUT' });
if (answer.status !== 201 && answer.status !== 409) {
  throw new Error(`The container was not made: ${answer.status} ${await answer.text()}`);
}
