import { readFileSync } from 'node:fs';

/** The version of the whole project: the one in the workspace's own package.json. */
export function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
