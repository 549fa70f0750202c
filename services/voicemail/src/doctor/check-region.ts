import type { Storage, Tenant } from '@voicemail/contracts';
import { storedIdentity, StoreError, type ObjectStore, type StoreSetting } from '@voicemail/object-store';
import { systemClock } from '@voicemail/runtime';
import type { CommandContext } from '../command-context.ts';
import { openStore, type OpenStore } from '../regions/open-store.ts';
import { seenRegion } from '../regions/remembered.ts';
import { absoluteStorage, describeStorage } from '../regions/storage.ts';
import { fine, look, unknown, wrong, type Finding } from './finding.ts';
import { probe, type ProbeResult } from './probe.ts';
import { adviceFor, pageOf } from './rights.ts';

/** What a region's findings are about. */
interface Region {
  /** `region t100/westus2`. */
  readonly name: string;
  readonly region: string;
  readonly storage: Storage;
}

/**
 * Probes a region's store by an object of its own, and asks it how it is set up. What doctor sees, it does not remember, and it
 * makes no store: that is the owner's of the data folder.
 * @param checkKey is asked to look at the tenant's caller-hash key, where the store is the master region's and has been used.
 */
export async function checkRegion(
  { config, ids }: CommandContext,
  tenant: Tenant,
  { name: region, storage: written }: Tenant['regions'][number],
  checkKey: (store: ObjectStore) => Promise<Finding>,
): Promise<readonly Finding[]> {
  const storage = absoluteStorage(config.data, written);
  const checked = { name: `region ${tenant.tenantId}/${region}`, region, storage };
  // What doctor sees it does not remember: that is the owner's of the data folder.
  const remembered = seenRegion(config.data, { tenantId: tenant.tenantId, region, storage }, ids);
  const isSeen = (await remembered.read()) !== null;
  if (!isSeen && storage.interface === 'FileSystem') {
    return [fine(checked.name, `${storage.root} was never used: the first start makes it`)];
  }
  // A store's clock is held against the real one, whatever CLOCK_OFFSET says.
  const clock = systemClock();
  const seen = isSeen ? { read: () => remembered.read(), write: async () => undefined } : null;
  let opened: OpenStore;
  try {
    opened = await openStore({ storage, region, seen, clock, clockOffsetMs: 0, ids, observe: (store) => store });
  } catch (error) {
    return [wrong(checked.name, messageOf(error), `Put its storage right; see ${pageOf(storage)}.`)];
  }
  try {
    const results = await probe(opened.store, `${tenant.tenantId}/probes/${ids.uuid()}`, clock);
    const probed = asFindings(checked, results);
    // Of a store that cannot be reached there is no more to say.
    if (results.some((result) => result.step === 'put' && isAway(result))) return probed;
    const strange = isSeen ? [] : await strangers(checked, opened.store);
    const settings = await askSettings(checked, opened.store);
    const isWell = probed.every(({ ok }) => ok) && isSeen && region === tenant.masterRegion;
    return [...strange, ...probed, ...settings, ...(isWell ? [await checkKey(opened.store)] : [])];
  } finally {
    await opened.close();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const isAway = (result: ProbeResult): boolean =>
  'error' in result && result.error instanceof StoreError && result.error.kind !== 'permission-denied';

/** A store that was never seen here may be somebody else's: the start would refuse it. */
async function strangers({ name, region, storage }: Region, store: ObjectStore): Promise<readonly Finding[]> {
  // What cannot be read, the probe has told.
  const identity = await storedIdentity(store).catch(() => null);
  if (identity === null || identity.region === region) return [];
  const advice = `Give the region a place of its own, and not the ${describeStorage(storage)}.`;
  return [wrong(`${name} identity`, `it is the store of region ${identity.region}`, advice)];
}

/** One line where every step was done; else one for each that was not. */
function asFindings({ name, storage }: Region, results: readonly ProbeResult[]): readonly Finding[] {
  const findings = results.flatMap((result) => {
    if (result.outcome === 'done') return [];
    const { step, error } = result;
    return result.outcome === 'not-seen'
      ? [unknown(`${name} ${step}`, error.message, 'It lags, by minutes at worst: look again.')]
      : [wrong(`${name} ${step}`, error.message, adviceFor(storage, step, error))];
  });
  const done = results.filter(({ outcome }) => outcome === 'done').map(({ step }) => step);
  const place = describeStorage(storage);
  return findings.some(({ ok }) => !ok) ? findings : [fine(name, `${place}: ${done.join(', ')} work`), ...findings];
}

async function askSettings({ name, storage }: Region, store: ObjectStore): Promise<readonly Finding[]> {
  let settings: readonly StoreSetting[] = [];
  const asked = await look(`${name} settings`, `Look at the ${describeStorage(storage)}.`, async () => {
    settings = await store.settings();
    return fine(name, '');
  });
  return asked.ok ? settings.map((setting) => settingFinding(name, setting, storage)) : [asked];
}

function settingFinding(
  region: string,
  { name: setting, state, detail, advice }: StoreSetting,
  storage: Storage,
): Finding {
  const name = `${region} ${setting}`;
  const what = advice === undefined ? `See ${pageOf(storage)}.` : sentence(advice);
  if (state === 'fine') return fine(name, detail);
  return state === 'wrong' || mustBeKnown(storage, setting) ? wrong(name, detail, what) : unknown(name, detail, what);
}

/** As the other advice of doctor is written. */
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`.replace(/\.?$/, '.');

/** What nobody may leave open: whether a key that somebody asked for is used. */
function mustBeKnown(storage: Storage, setting: StoreSetting['name']): boolean {
  if (setting !== 'encryption') return false;
  return storage.interface === 'S3'
    ? storage.kmsKeyId !== null
    : storage.interface === 'BlobStorage' && storage.encryptionScope !== null;
}
