export type * from './port.ts';
export { isFull, UNPROVISIONED_FACTS } from './lamp.ts';
export { mwiData, type MwiDocument } from './mwi-data.ts';
export { MwiError, type MwiErrorCode } from './mwi-error.ts';
export type { RedisMwiStoreOptions } from './redis/options.ts';
export { openRedisMwiStore } from './redis/open.ts';
export { openSqliteMwiStore, type SqliteMwiStoreOptions } from './sqlite/sqlite-mwi-store.ts';
