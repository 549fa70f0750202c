import type { BackoffBounds } from '@voicemail/runtime';

/** Every bound of this service, with its unit. */

/** The consumer group of every process of this service. */
export const GDPR_SAGA_GROUP = 'gdpr-saga';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

export const MAX_IN_FLIGHT = 16;
export const MAX_BUFFERED_RECORDS = 64;
export const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;
/** By this age a request that could not be taken in becomes a dead letter: the log keeps a record for 7 days. */
export const MAX_AGE_MS = 6 * DAY_MS;
/** Between two looks whether a tenant has something to do that another process left: each is a listing of its ledger. */
export const LOOK_EVERY_MS = 30 * SECOND_MS;
/** Before what keeps a request waiting, a region or a store, is looked at again. */
export const WAITING_BACKOFF: BackoffBounds = { baseMs: SECOND_MS, maxMs: 60 * SECOND_MS };
