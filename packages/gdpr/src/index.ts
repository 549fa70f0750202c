export { createGdpr, type Gdpr } from './create-gdpr.ts';
export { findCaller, RegionGone } from './find-callers.ts';
export { MAX_LIST_AGE_MS } from './limits.ts';
export { statusOf } from './tell.ts';
