/**
 * Which package may import which, and where each library is at home. The linter reads this; a test shows that it refuses the rest.
 */

/** A package's name to the names of those it may import. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  runtime: [],
  contracts: ['domain'],
  'event-log': ['runtime'],
  'object-store': ['runtime'],
  'mwi-store': ['domain', 'runtime'],
  'message-store': ['contracts', 'domain', 'object-store', 'runtime'],
  gdpr: ['contracts', 'domain', 'event-log', 'message-store', 'object-store', 'runtime'],
};

/** The services: each may import every package, and no other service. */
export const SERVICES = ['api', 'deposit-consumer', 'gdpr-saga', 'gdpr-script', 'mwi-projector'];

/** The service that runs all others in one process. */
export const EVERYTHING = 'voicemail';

/** What only tests import: servers, recordings, folders. It may import every package. */
export const TESTING = 'testing';

/** Libraries (a name, or the beginning of names that end in `/`) and the only folder that imports each. */
export const LIBRARIES: Readonly<Record<string, string>> = {
  'libphonenumber-js': 'packages/domain/src',
  pino: 'packages/runtime/src',
  'pino-pretty': 'packages/runtime/src',
  'prom-client': 'packages/runtime/src',
  croner: 'packages/runtime/src',
  'client-zip': 'packages/gdpr/src/export',
  'music-metadata': 'packages/message-store/src',
  kafkajs: 'packages/event-log/src/kafka',
  'lz4-napi': 'packages/event-log/src/kafka',
  snappyjs: 'packages/event-log/src/kafka',
  '@azure/': 'packages/object-store/src/azure-blob',
  '@aws-sdk/': 'packages/object-store/src/s3',
  ioredis: 'packages/mwi-store/src/redis',
  fastify: 'services/api/src',
  '@fastify/': 'services/api/src',
  'fastify-type-provider-zod': 'services/api/src',
  commander: 'services/voicemail/src',
  '@zip.js/zip.js': 'packages/testing/src',
  wavefile: 'packages/testing/src',
  'wasm-media-encoders': 'packages/testing/src',
};

/** `node:sqlite` is the embedded adapters' alone. */
export const SQLITE_FOLDERS = ['packages/event-log/src/sqlite', 'packages/mwi-store/src/sqlite'];
