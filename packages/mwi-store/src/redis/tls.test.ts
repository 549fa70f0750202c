import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { redisServer, tempFolder, whenAvailable } from '@voicemail/testing';
import { expect, onTestFinished, test } from 'vitest';
import { facts, MAILBOX, message, recount } from '../contract/under-test.ts';
import { openStore } from './testing/redis-store.ts';

const redis = await redisServer();

/** A certificate for the loopback interface, and its key, as files. */
async function makeCertificate(): Promise<{ readonly keyFile: string; readonly certificateFile: string }> {
  const folder = await tempFolder();
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const files = ['-keyout', keyFile, '-out', certificateFile];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
    stdio: 'ignore',
  });
  return { keyFile, certificateFile };
}

/** Ends TLS in front of a server, as the load balancer of a cloud's Redis does. Gives its url. */
async function withTls(port: number, key: Buffer, cert: Buffer): Promise<[string]> {
  const front = createServer({ key, cert }, (outside) => {
    const inside = connect(port, '127.0.0.1');
    for (const [one, other] of [[outside, inside] as const, [inside, outside] as const]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  // A client that does not trust the certificate breaks off.
  front.on('tlsClientError', () => undefined);
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  onTestFinished(() => void front.close());
  return [`rediss://127.0.0.1:${(front.address() as AddressInfo).port}`];
}

whenAvailable(redis, 'Redis with TLS', (start) => {
  test('is used where its certificate is trusted, and refused where it is not', async () => {
    const server = await start();
    const { keyFile, certificateFile } = await makeCertificate();
    const urls = await withTls(server.nodes[0]!.port, await readFile(keyFile), await readFile(certificateFile));
    const store = await openStore(server, { urls, authoritiesFile: certificateFile });
    expect((await recount(store, MAILBOX, facts(message('a', 1)))).counts.new).toBe(1);
    await expect(openStore(server, { urls })).rejects.toMatchObject({ code: 'refused' });
    await expect(openStore(server, { urls, authoritiesFile: keyFile })).rejects.toMatchObject({ name: 'MwiError' });
  });
});
