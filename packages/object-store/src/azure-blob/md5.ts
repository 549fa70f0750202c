import { createHash, type Hash } from 'node:crypto';

/** A sum to be fed; null on a machine that has no MD5 (FIPS): then the bytes are as safe as TLS makes them. */
export function openMd5(): Hash | null {
  try {
    return createHash('md5');
  } catch {
    return null;
  }
}

/** The sum that the service checks a request's body against, as the client's options have it. */
export function transactionalMd5(bytes: Uint8Array): { readonly transactionalContentMD5?: Uint8Array } {
  const sum = openMd5();
  return sum === null ? {} : { transactionalContentMD5: sum.update(bytes).digest() };
}
