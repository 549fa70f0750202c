import { childPath, type Fault } from '../fault.ts';
import { foldersAround, type Place } from './place.ts';

/** A region's place in the tenants' file. */
export interface Placed {
  /** Where it is written: `[0].regions[1]`, or the variable that names it. */
  readonly at: string;
  /** Which entry's it is; null: everybody's, where entries name no region. */
  readonly tenant: number | null;
  readonly region: unknown;
  readonly place: Place;
}

/**
 * A fault for each region whose place is taken. Several tenants may share a place under one region's name: their keys begin with
 * their ids. Not so a tenant's own regions, and no two regions of whomever may lie in one another: a key of the outer one
 * would be a key of the inner one too, and a tenant would see what is another's.
 */
export function overlaps(regions: readonly Placed[]): readonly Fault[] {
  const first = new Map<string, Placed>();
  const firstOfTenant = new Map<string, Placed>();
  const inside = new Map<string, Placed>();
  return regions.flatMap((region) => {
    const { root, folder } = region.place;
    const nameOf = (path: string): string => JSON.stringify([root, path]);
    const [name, ofTenant] = [nameOf(folder), JSON.stringify([root, folder, region.tenant])];
    const around = foldersAround(folder).filter((outer) => outer !== folder);

    const sharer = first.get(name);
    const same = firstOfTenant.get(ofTenant) ?? (sharer?.region === region.region ? undefined : sharer);
    const nested =
      around.map((path) => first.get(nameOf(path))).find((outer) => outer !== undefined) ?? inside.get(name);

    note(first, name, region);
    note(firstOfTenant, ofTenant, region);
    for (const path of around) note(inside, nameOf(path), region);

    const path = childPath(region.at, 'storage');
    if (same !== undefined) return [{ path, message: `must not be that of ${same.at} too` }];
    return nested === undefined ? [] : [{ path, message: `must not lie in that of ${nested.at}, or round it` }];
  });
}

function note(seen: Map<string, Placed>, name: string, region: Placed): void {
  if (!seen.has(name)) seen.set(name, region);
}
