/**
 * Makes the secrets of docker-compose.yml that are not there yet, in SECRETS_FOLDER, readable for nobody else. ACCOUNT_URL is the Azure
 * account that a key is made for.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { SECRETS_FOLDER: folder = '/secrets', ACCOUNT_URL: accountUrl = '' } = process.env;

/** The secret of that name, which is made where it is not there. */
function secret(name: string, make: () => string): string {
  const path = join(folder, name);
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // In one step: what is stopped between two writes leaves no half of a secret.
    writeFileSync(`${path}.new`, `${make()}\n`, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return readFileSync(path, 'utf8').trim();
}

const random = (bytes: number, encoding: BufferEncoding) => (): string => randomBytes(bytes).toString(encoding);

secret('token', random(32, 'base64url'));
secret('caller-hash.key', random(32, 'base64'));
secret('s3/access_key', random(10, 'hex'));
secret('s3/secret_key', random(20, 'hex'));
const key = secret('azure/account_key', random(64, 'base64'));
const account = new URL(accountUrl).pathname.slice(1);
const connection = { AccountName: account, AccountKey: key, BlobEndpoint: accountUrl };
secret('azure/connection_string', () =>
  ['DefaultEndpointsProtocol=http', ...Object.entries(connection).map((pair) => pair.join('='))].join(';'),
);
