import { verifyMaster } from './caller-hash-check.ts';
import { createJson } from './json-document.ts';
import { callerHashCheckKey } from './keys.ts';
import { isMasters, markOf } from './master-mark.ts';
import type { TenantStores } from './tenant-stores.ts';
import { WrongMasterRegion } from './wrong-master-region.ts';

/**
 * Makes sure that the tenant's metadata is in its master region and that its caller-hash key is known, before anything of it is read
 * or written. A tenant that no region knows begins here; the other regions must be up for that, since one of them may be its master.
 * @param wasServed whether the deployment has served the tenant before: then it does not begin, what it had is elsewhere.
 * @throws CallerHashKeyMismatch, WrongMasterRegion: to be put right by a person. StoreError: try again.
 */
export async function claimMasterRegion(stores: TenantStores, wasServed: boolean): Promise<void> {
  const { tenant, master, hashes } = stores;
  if (await verifyMaster(stores)) return;
  await refuseIfElsewhere(stores);
  // Served from an empty place, the tenant would look as if it had no message.
  if (wasServed) throw WrongMasterRegion.empty(tenant, master.name);
  await createJson(master.store, callerHashCheckKey(tenant), { checkValue: hashes.checkValue });
  // Another process may have come first, with another key.
  await verifyMaster(stores);
}

/** @throws WrongMasterRegion where another region has, or had, the tenant's metadata. */
async function refuseIfElsewhere(stores: TenantStores): Promise<void> {
  const { tenant, master } = stores;
  const others = stores.regions.filter(({ name }) => name !== master.name);
  const marks = await Promise.all(
    others.map(async ({ name, store }) => ({ name, mark: (await markOf(stores, store))?.value })),
  );
  const present = marks.find(({ mark }) => mark !== undefined && isMasters(mark));
  if (present !== undefined) throw WrongMasterRegion.incomplete(tenant, present.name, master.name);
  for (const { name, mark } of marks) {
    if (mark?.copyOf !== undefined) throw WrongMasterRegion.incomplete(tenant, mark.copyOf, master.name);
    const to = mark?.handedOverTo;
    if (to === master.name) throw WrongMasterRegion.incomplete(tenant, name, master.name);
    if (to !== undefined) throw WrongMasterRegion.moved(tenant, to);
  }
}
