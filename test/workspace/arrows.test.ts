import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openTempFolder } from '@voicemail/testing';
import { beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** An import that stands in a file, and the files where it may not. */
const REFUSED: readonly (readonly [file: string, imported: string])[] = [
  ['packages/domain/src/x.ts', 'node:crypto'],
  ['packages/domain/src/x.ts', '@voicemail/runtime'],
  ['packages/domain/src/x.ts', '@voicemail/contracts'],
  ['packages/contracts/src/x.ts', '@voicemail/runtime'],
  ['packages/runtime/src/x.ts', '@voicemail/domain'],
  ['packages/event-log/src/x.ts', '@voicemail/domain'],
  ['packages/event-log/src/x.ts', '@voicemail/object-store'],
  ['packages/object-store/src/layers/x.ts', '@voicemail/domain'],
  ['packages/mwi-store/src/x.ts', '@voicemail/contracts'],
  ['packages/message-store/src/x.ts', '@voicemail/event-log'],
  ['packages/message-store/src/x.ts', '@voicemail/event-log/contract-suite'],
  ['packages/message-store/src/x.ts', '@voicemail/api'],
  ['services/api/src/x.ts', '@voicemail/deposit-consumer'],
  ['services/mwi-projector/src/x.ts', '@voicemail/api'],
  ['services/api/src/x.ts', '@voicemail/voicemail'],
  ['services/api/src/x.ts', '@voicemail/testing'],
  ['services/voicemail/src/x.ts', '@voicemail/testing'],
  ['services/api/src/x.ts', '../../deposit-consumer/src/index.ts'],
  ['packages/event-log/src/x.ts', '../../domain/src/index.ts'],
  ['packages/contracts/src/x.ts', 'libphonenumber-js'],
  ['packages/contracts/src/x.ts', 'libphonenumber-js/max'],
  ['services/api/src/x.ts', 'pino'],
  ['services/api/src/x.ts', 'prom-client'],
  ['packages/contracts/src/x.ts', 'music-metadata'],
  ['services/voicemail/src/x.ts', 'fastify'],
  ['services/voicemail/src/x.ts', '@fastify/swagger'],
  ['services/api/src/x.ts', 'commander'],
  ['packages/message-store/src/x.ts', 'node:sqlite'],
  ['packages/event-log/src/x.ts', 'node:sqlite'],
  ['packages/event-log/src/x.ts', 'kafkajs'],
  ['packages/event-log/src/sqlite/x.ts', 'kafkajs'],
  ['packages/object-store/src/file-system/x.ts', '@aws-sdk/client-s3'],
  ['packages/object-store/src/s3/x.ts', '@azure/storage-blob'],
  ['packages/mwi-store/src/sqlite/x.ts', 'ioredis'],
  ['packages/domain/src/x.test.ts', '@voicemail/api'],
  ['packages/event-log/src/x.test.ts', '@voicemail/domain'],
  ['packages/event-log/src/contract-suite.ts', '@voicemail/message-store'],
];

const ALLOWED: readonly (readonly [file: string, imported: string])[] = [
  ['packages/domain/src/x.ts', 'libphonenumber-js/max'],
  ['packages/contracts/src/x.ts', '@voicemail/domain'],
  ['packages/event-log/src/x.ts', '@voicemail/runtime'],
  ['packages/event-log/src/x.ts', 'node:crypto'],
  ['packages/event-log/src/x.ts', './sqlite/index.ts'],
  ['packages/event-log/src/sqlite/x.ts', 'node:sqlite'],
  ['packages/mwi-store/src/sqlite/x.ts', 'node:sqlite'],
  ['packages/event-log/src/kafka/x.ts', 'kafkajs'],
  ['packages/object-store/src/s3/x.ts', '@aws-sdk/client-s3'],
  ['packages/object-store/src/azure-blob/x.ts', '@azure/storage-blob'],
  ['packages/mwi-store/src/redis/x.ts', 'ioredis'],
  ['packages/mwi-store/src/x.ts', '@voicemail/domain'],
  ['packages/message-store/src/x.ts', 'music-metadata'],
  ['packages/message-store/src/x.ts', '@voicemail/contracts'],
  ['services/api/src/x.ts', '@fastify/swagger'],
  ['services/api/src/x.ts', '@voicemail/event-log'],
  ['services/voicemail/src/x.ts', '@voicemail/deposit-consumer'],
  ['services/voicemail/src/x.ts', 'commander'],
  ['packages/domain/src/x.test.ts', '@voicemail/testing'],
  ['packages/event-log/src/sqlite/x.test.ts', 'node:sqlite'],
  ['packages/event-log/src/contract-suite.ts', '@voicemail/testing'],
  ['packages/mwi-store/src/contract/x.ts', '@voicemail/testing'],
  ['test/crash/x.test.ts', '@voicemail/deposit-consumer'],
];

/** Code that reads time, chance or the environment where it must not, and where it may. */
const READS: readonly (readonly [file: string, code: string, refused: boolean])[] = [
  ['packages/domain/src/x.ts', 'Date.now()', true],
  ['services/api/src/x.ts', 'performance.now()', true],
  ['packages/event-log/src/sqlite/x.ts', 'Math.random()', true],
  ['services/api/src/x.ts', 'process.env', true],
  ['packages/runtime/src/clock.ts', 'Date.now()', false],
  ['packages/runtime/src/ids.ts', 'Math.random()', false],
  ['services/api/src/main.ts', 'process.env', false],
  ['services/api/src/x.test.ts', 'Date.now()', false],
];

/** A line of code in a file. */
interface Line {
  readonly file: string;
  readonly code: string;
}

const importLine = ([file, imported]: readonly [string, string]): Line => ({ file, code: `import '${imported}';` });
const exportLine = ([file, imported]: readonly [string, string]): Line => ({
  file,
  code: `export * from '${imported}';`,
});
const readLine = ([file, code]: readonly [string, string, boolean]): Line => ({
  file,
  code: `void ${code};`,
});
const floating: Line = { file: 'services/api/src/y.ts', code: 'Promise.reject(new Error());' };

/** Lints all lines in one run, with the project's own configuration. Gives the rules that a line breaks. */
async function lintAll(lines: readonly Line[]): Promise<(line: Line) => readonly string[]> {
  const folder = await openTempFolder();
  try {
    for (const config of ['oxlint.config.ts', 'arrows.ts', '.gitignore']) {
      await copyFile(join(ROOT, config), join(folder.path, config));
    }
    await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
    const files = Map.groupBy(lines, (line) => line.file);
    for (const [file, itsLines] of files) {
      await mkdir(join(folder.path, dirname(file)), { recursive: true });
      await writeFile(join(folder.path, file), itsLines.map((line) => `${line.code}\n`).join(''));
    }
    const said = await run(folder.path);
    return ({ file, code }) => {
      const number = (files.get(file) ?? []).findIndex((line) => line.code === code) + 1;
      const found = said.matchAll(/^(.+?):(\d+):\d+: .*\[\w+\/(?:\w+\()?([\w-]+)\)?\]$/gm);
      return [...found]
        .filter(([, at, line]) => at === file && Number(line) === number)
        .map(([, , , rule]) => rule ?? '');
    };
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

function run(cwd: string): Promise<string> {
  return new Promise((resolve) => {
    const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
    execFile(oxlint, ['--format=unix'], { cwd }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

describe('the linter', () => {
  let broken: (line: Line) => readonly string[];
  beforeAll(async () => {
    const imports = [...REFUSED, ...ALLOWED];
    broken = await lintAll([...imports.map(importLine), ...imports.map(exportLine), ...READS.map(readLine), floating]);
  });

  it.each(REFUSED)('refuses in %s an import of %s', (file, imported) => {
    expect(broken(importLine([file, imported]))).toContain('no-restricted-imports');
    expect(broken(exportLine([file, imported]))).toContain('no-restricted-imports');
  });

  it.each(ALLOWED)('allows in %s an import of %s', (file, imported) => {
    expect(broken(importLine([file, imported]))).not.toContain('no-restricted-imports');
    expect(broken(exportLine([file, imported]))).not.toContain('no-restricted-imports');
  });

  it.each(READS)('judges in %s a reading of %s', (file, code, refused) => {
    expect(broken(readLine([file, code, refused])).includes('no-restricted-properties')).toBe(refused);
  });

  it('refuses a promise that nobody waits for', () => {
    expect(broken(floating)).toContain('no-floating-promises');
  });
});
