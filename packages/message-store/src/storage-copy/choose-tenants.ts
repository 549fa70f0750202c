/** What a copy is asked to do cannot be done with the tenants that there are. The message says what is wrong. */
export class NoSuchCopy extends Error {
  override readonly name = 'NoSuchCopy';
}

interface TenantWithRegions {
  readonly tenantId: string;
  readonly regions: readonly { readonly name: string }[];
}

/**
 * The tenants that a copy is for: the one that is named, else every one that has both regions.
 * @throws NoSuchCopy.
 */
export function chooseTenants<T extends TenantWithRegions>(
  tenants: readonly T[],
  { from, to, tenant }: { readonly from: string; readonly to: string; readonly tenant?: string | undefined },
): readonly T[] {
  if (from === to) throw new NoSuchCopy('The two regions are the same one.');
  const asked = tenants.filter(({ tenantId }) => tenant === undefined || tenantId === tenant);
  if (asked.length === 0) throw new NoSuchCopy('There is no such tenant.');
  const chosen = asked.filter(({ regions }) =>
    [from, to].every((name) => regions.some((region) => region.name === name)),
  );
  if (chosen.length > 0) return chosen;
  const known = asked.map(({ tenantId, regions }) => `${tenantId} has ${regions.map(({ name }) => name).join(', ')}`);
  throw new NoSuchCopy(`No tenant has both regions: ${known.join('; ')}.`);
}
