import { childPath, type Fault } from '../fault.ts';
import { isObject } from '../event/json.ts';

const UNIQUE_FIELDS = ['name', 'tenant_id', 'tenant_uuid'];

/**
 * What only several fields together show: what is there twice, and a master region that is no region. Reads the file as it
 * is, so that these are listed beside the faults of single fields.
 */
export function crossCheckTenants(json: unknown): readonly Fault[] {
  if (!Array.isArray(json)) return [];
  const entries: readonly unknown[] = json;
  return [
    ...UNIQUE_FIELDS.flatMap((field) => repeated(entries, '', (entry) => lowerCase(get(entry, field)), field)),
    ...entries.flatMap((entry, index) =>
      crossCheckRegions(get(entry, 'regions'), get(entry, 'master_region'), `[${index}]`),
    ),
  ];
}

function crossCheckRegions(regions: unknown, master: unknown, at: string): readonly Fault[] {
  if (regions === undefined) {
    return master === undefined
      ? []
      : [{ path: childPath(at, 'regions'), message: 'is missing, where there is a master_region' }];
  }
  if (!Array.isArray(regions)) return [];
  const path = childPath(at, 'regions');
  const names = regions.map((region) => get(region, 'name'));
  const masterPath = childPath(at, 'master_region');
  const faults = [
    ...repeated(regions, path, (region) => get(region, 'name'), 'name'),
    ...repeated(regions, path, (region) => place(get(region, 'storage')), 'storage'),
  ];
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

const get = (value: unknown, field: string): unknown => (isObject(value) ? value[field] : undefined);
const lowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

/** Where a storage entry keeps its objects, as text that is the same for the same place. */
function place(storage: unknown): string | undefined {
  if (!isObject(storage)) return undefined;
  const root = storage['root'];
  const fields = typeof root === 'string' ? { ...storage, root: root.replace(/\/+$/, '') } : storage;
  return JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
