import { configDefaults, defineConfig } from 'vitest/config';
import { isWhole } from './packages/testing/src/long-form.ts';
import { ALL, LEFT_OUT, LONG, NOT_TOLD_TWICE, SHORT_FORM, SIMULATIONS } from './test/support/which-journeys.ts';
import { ClosingLine } from './test/workspace/closing-line.ts';

/** Of a client of one kind of server. */
const CLIENTS = ['event-log/src/kafka', 'object-store/src/azure-blob', 'object-store/src/s3'].map(
  (folder) => `packages/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    // A process for each file: tests open SQLite files, send signals and start processes of their own. Where they are not isolated, files
    // share a process, and with it servers that take seconds to start.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 10_000,
    setupFiles: ['test/support/seed.ts'],
    reporters: ['default', new ClosingLine()],
    projects: [
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, LEFT_OUT, ...CLIENTS, ...(isWhole() ? [] : LONG)],
        },
      },
      {
        extends: true,
        test: {
          name: 'clients',
          include: CLIENTS,
          exclude: [...configDefaults.exclude, ...(isWhole() ? [] : LONG)],
          isolate: false,
        },
      },
      {
        // The same journeys once more, on Kafka and Redis.
        extends: true,
        test: {
          name: 'distributed',
          include: isWhole() ? [ALL, ...SIMULATIONS] : [...SHORT_FORM, LEFT_OUT],
          exclude: [...configDefaults.exclude, ...NOT_TOLD_TWICE],
          env: { VOICEMAIL_JOURNEYS: 'distributed' },
          isolate: false,
          setupFiles: ['test/support/journeys-distributed.ts'],
        },
      },
    ],
  },
});
