export { createGdpr, type Gdpr } from './create-gdpr.ts';
export { exportPackage, type ExportOptions } from './export/export-package.ts';
export { findCaller } from './find-callers.ts';
export { placeHold, releaseHold, type HoldWish } from './holds.ts';
export { EXPORT_AHEAD, MAX_LIST_AGE_MS } from './limits.ts';
export { takenOf } from './taken.ts';
export { statusOf } from './tell.ts';
export { RegionGone } from './region-gone.ts';
