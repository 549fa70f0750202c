import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  kafkaServer,
  openTempFolder,
  tempFolder,
  whenAvailable,
  type KafkaServer,
  type TempFolder,
} from '@voicemail/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connection } from './connection.ts';
import type { KafkaLogOptions } from './options.ts';
import { kept, newTopic, openLog, readAll, textOf } from './testing/open-kafka-log.ts';

const LOGIN = 'org.apache.kafka.common.security';
const PASSWORD = 'the right one';

/** A broker that speaks to nobody without TLS and a name. */
const properties = (keyAndCertificate: string, certificate: string): Record<string, string> => ({
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:SASL_SSL',
  'inter.broker.listener.name': 'PLAINTEXT',
  'ssl.keystore.type': 'PEM',
  'ssl.keystore.location': keyAndCertificate,
  'ssl.truststore.type': 'PEM',
  'ssl.truststore.location': certificate,
  'sasl.enabled.mechanisms': 'PLAIN,OAUTHBEARER,SCRAM-SHA-512',
  'sasl.mechanism.inter.broker.protocol': 'PLAIN',
  'listener.name.plaintext.plain.sasl.jaas.config': `${LOGIN}.plain.PlainLoginModule required username="broker" password="b" user_broker="b" user_voicemail="${PASSWORD}";`,
  'listener.name.plaintext.scram-sha-512.sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
  'listener.name.plaintext.oauthbearer.sasl.jaas.config': `${LOGIN}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
});

/** A token that nobody has signed, which a broker without further settings takes. */
function unsignedToken(): string {
  const nowS = Math.floor(Date.now() / 1_000);
  const parts = [{ alg: 'none' }, { sub: 'voicemail', iat: nowS, exp: nowS + 600 }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}

whenAvailable(await kafkaServer(), 'Kafka with TLS and names', (start) => {
  let folder: TempFolder;
  let server: KafkaServer;
  let caFile: string;
  beforeAll(async () => {
    folder = await openTempFolder();
    const keyFile = join(folder.path, 'key.pem');
    caFile = join(folder.path, 'certificate.pem');
    const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const files = ['-keyout', keyFile, '-out', caFile];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
      stdio: 'ignore',
    });
    const both = join(folder.path, 'both.pem');
    await writeFile(both, (await readFile(keyFile, 'utf8')) + (await readFile(caFile, 'utf8')));
    server = await start({ properties: properties(both, caFile), users: { voicemail: PASSWORD } });
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const secretFile = async (secret: string): Promise<string> => {
    const file = join(await tempFolder(), 'secret');
    await writeFile(file, `${secret}\n`);
    return file;
  };
  const appendAndRead = async (options: Pick<KafkaLogOptions, 'sasl'>): Promise<readonly string[]> => {
    const topic = newTopic();
    const log = await openLog({ brokers: server.brokers, topics: [kept(topic)], tls: { caFile }, ...options });
    await log.append([{ topic, key: 'k', value: Buffer.from('in secret') }]);
    return (await readAll(log, topic)).map(textOf);
  };

  it.each(['plain', 'scram-sha-512'] as const)('is used with a name and a password by %s', async (mechanism) => {
    const passwordFile = await secretFile(PASSWORD);
    expect(await appendAndRead({ sasl: { mechanism, username: 'voicemail', passwordFile } })).toEqual(['in secret']);
  });

  it('is used with a token', async () => {
    const tokenFile = await secretFile(unsignedToken());
    expect(await appendAndRead({ sasl: { mechanism: 'oauthbearer', tokenFile } })).toEqual(['in secret']);
  });

  it('refuses a wrong password, which is then not told, and takes the right one as soon as the file has it', async () => {
    const passwordFile = await secretFile('the wrong one');
    const sasl = { mechanism: 'plain', username: 'voicemail', passwordFile } as const;
    const error = await appendAndRead({ sasl }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'LogError', code: 'unavailable' });
    expect(String(error)).not.toContain('the wrong one');
    const kafka = connection({ brokers: server.brokers, clientId: 'test', tls: { caFile }, sasl });
    const admin = kafka.admin();
    await expect(admin.connect()).rejects.toThrow('authentication failed');
    await writeFile(passwordFile, PASSWORD);
    await admin.connect();
    expect((await admin.describeCluster()).brokers).toHaveLength(1);
    await admin.disconnect();
  });

  it('is not believed where its certificate is not', { timeout: 60_000 }, async () => {
    const sasl = { mechanism: 'plain', username: 'voicemail', passwordFile: await secretFile(PASSWORD) } as const;
    const opening = openLog({ brokers: server.brokers, topics: [kept(newTopic())], tls: {}, sasl });
    await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not reached where a secret’s file is not there', { timeout: 60_000 }, async () => {
    const passwordFile = join(await tempFolder(), 'nothing');
    const sasl = { mechanism: 'plain', username: 'voicemail', passwordFile } as const;
    await expect(appendAndRead({ sasl })).rejects.toMatchObject({ name: 'LogError', code: 'unavailable' });
  });
});
