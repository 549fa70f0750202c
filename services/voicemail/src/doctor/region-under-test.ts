import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { parseTenants } from '@voicemail/contracts';
import { systemClock, systemIds } from '@voicemail/runtime';
import { readVoicemailConfig } from '../config.ts';
import { firstStart } from '../embedded/first-start.ts';
import { openStore } from '../regions/open-store.ts';
import { seenStore } from '../regions/remembered.ts';
import { absoluteStorage } from '../regions/storage.ts';
import { terminalOf } from '../output/terminal.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';

const [clock, ids] = [systemClock(), systemIds()];

/**
 * What doctor says of a region with this storage, in a fresh data folder with these files, by the end of each name: `put`, `versioning`; empty for the region itself.
 * @param options.wasSeen whether a start has used the store before.
 */
export async function findingsOf(
  dataDir: string,
  storage: object,
  { wasSeen = false, files = {} }: { wasSeen?: boolean; files?: Readonly<Record<string, string>> } = {},
): Promise<Readonly<Record<string, Finding>>> {
  const config = readVoicemailConfig({ DATA_DIR: dataDir, PORT: '0' });
  await firstStart(config, ids);
  for (const [name, text] of Object.entries(files)) await writeFile(join(config.data.root, name), text);
  const region = { name: 'north', storage };
  const entry = {
    name: 't100',
    tenant_id: 't100',
    tenant_uuid: '2c5ea4c0-4067-11e9-8bad-9b1deb4d3b7d',
    status: 'ACTIVE',
  };
  const text = JSON.stringify([{ ...entry, master_region: 'north', regions: [region] }]);
  await writeFile(config.tenantsFile, text);
  if (wasSeen) {
    const [tenant] = parseTenants(JSON.parse(text), {});
    const absolute = absoluteStorage(config.data, tenant!.regions[0]!.storage);
    const seen = seenStore(config.data, absolute, ids);
    const opened = await openStore({
      storage: absolute,
      region: 'north',
      seen,
      clock,
      clockOffsetMs: 0,
      ids,
      observe: (store) => store,
    });
    await opened.store.check();
    await opened.close();
  }
  const terminal = terminalOf(process.stdout, process.stderr, {});
  const context = { config, clock, ids, terminal, command: 'doctor', json: false, startedMs: 0 };
  const findings = (await examine(context)).filter(({ name }) => name.startsWith('region t100/north'));
  return Object.fromEntries(
    findings.map((finding) => [finding.name.slice('region t100/north'.length).trim(), finding]),
  );
}

/** The names of the findings that are wrong. */
export const wrongIn = (findings: Readonly<Record<string, Finding>>): readonly string[] =>
  Object.entries(findings).flatMap(([name, { ok }]) => (ok ? [] : [name]));
