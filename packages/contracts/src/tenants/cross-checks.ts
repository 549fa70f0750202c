import { childPath, type Fault } from '../fault.ts';
import { isObject } from '../event/json.ts';
import { overlaps, type Placed } from './overlaps.ts';
import { placeOf } from './place.ts';
import { StorageEntry, storageOf } from './storage.ts';
import type { Region } from './tenant.ts';

const UNIQUE_FIELDS = ['name', 'tenant_id', 'tenant_uuid'];

/**
 * What only several fields together show: what is there twice, a master region that is no region, and storages that lie in one
 * another. Reads the file as it is, so that these are listed beside the faults of single fields.
 * @param ownRegion what entries without regions get.
 */
export function crossCheckTenants(json: unknown, ownRegion: Region | undefined): readonly Fault[] {
  if (!Array.isArray(json)) return [];
  const entries: readonly unknown[] = json;
  return [
    ...UNIQUE_FIELDS.flatMap((field) => repeated(entries, '', (entry) => lowerCase(get(entry, field)), field)),
    ...entries.flatMap((entry, index) =>
      crossCheckRegions(get(entry, 'regions'), get(entry, 'master_region'), `[${index}]`),
    ),
    ...overlaps([...placeOfDeployment(ownRegion), ...entries.flatMap(placesOf)]),
  ];
}

function crossCheckRegions(regions: unknown, master: unknown, at: string): readonly Fault[] {
  if (regions === undefined) {
    return master === undefined
      ? []
      : [{ path: childPath(at, 'regions'), message: 'is missing, where there is a master_region' }];
  }
  if (!Array.isArray(regions)) return [];
  const names = regions.map((region) => get(region, 'name'));
  const masterPath = childPath(at, 'master_region');
  const faults = repeated(regions, childPath(at, 'regions'), (region) => get(region, 'name'), 'name');
  if (master === undefined) return [...faults, { path: masterPath, message: 'is missing' }];
  return names.includes(master)
    ? faults
    : [...faults, { path: masterPath, message: 'must be the name of one of the regions' }];
}

/** A fault for each item whose value another item had before. */
function repeated(
  items: readonly unknown[],
  at: string,
  valueOf: (item: unknown) => unknown,
  field: string,
): readonly Fault[] {
  const first = new Map<unknown, number>();
  return items.flatMap((item, index) => {
    const value = valueOf(item);
    const before = first.get(value);
    if (typeof value !== 'string') return [];
    if (before === undefined) {
      first.set(value, index);
      return [];
    }
    const path = childPath(childPath(at, index), field);
    return [{ path, message: `must not be that of ${childPath(at, before)} too` }];
  });
}

function placeOfDeployment(region: Region | undefined): readonly Placed[] {
  if (region === undefined) return [];
  return [{ at: 'DEFAULT_REGION', tenant: null, region: region.name, place: placeOf(region.storage) }];
}

/** The places of an entry's storages; a faulty storage has none. */
function placesOf(entry: unknown, tenant: number): readonly Placed[] {
  const regions = get(entry, 'regions');
  if (!Array.isArray(regions)) return [];
  return regions.flatMap((region: unknown, index) => {
    const storage = StorageEntry.safeParse(get(region, 'storage'));
    if (!storage.success) return [];
    const at = childPath(childPath(childPath('', tenant), 'regions'), index);
    return [{ at, tenant, region: get(region, 'name'), place: placeOf(storageOf(storage.data)) }];
  });
}

const get = (value: unknown, field: string): unknown => (isObject(value) ? value[field] : undefined);
const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);
