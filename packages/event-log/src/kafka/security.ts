import { readFileSync } from 'node:fs';
import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { KafkaSasl, KafkaTls } from './options.ts';

// The client reads these properties whenever it opens a connection, and has no other way to be given an exchanged secret.

/** @throws what the file system says, when it is read. */
export function tlsSettings({ caFile, certFile, keyFile }: KafkaTls): NonNullable<KafkaConfig['ssl']> {
  const settings = {};
  for (const [name, file] of Object.entries({ ca: caFile, cert: certFile, key: keyFile })) {
    if (file !== undefined) Object.defineProperty(settings, name, { enumerable: true, get: () => readFileSync(file) });
  }
  return settings;
}

/** @throws what the file system says, when it is read. */
export function saslSettings(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === 'oauthbearer') {
    const { mechanism, tokenFile } = sasl;
    return { mechanism, oauthBearerProvider: async () => ({ value: secret(tokenFile) }) };
  }
  const { mechanism, username, passwordFile } = sasl;
  return {
    mechanism,
    username,
    get password() {
      return secret(passwordFile);
    },
  };
}

/** Files end in a line's end that is no part of the secret. */
const secret = (file: string): string => readFileSync(file, 'utf8').trim();
