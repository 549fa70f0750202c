import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/workspace/closing-line.ts';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'services/*/src/**/*.test.ts', 'test/**/*.test.ts'],
    // A process for each file: tests open SQLite files, send signals and start processes of their own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 10_000,
    reporters: ['default', new ClosingLine()],
  },
});
