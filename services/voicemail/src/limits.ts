import type { RetryPolicy } from '@voicemail/object-store';

/** Every bound on the use of the regions' stores, with its unit. */

/** One attempt at a call: what does not answer holds nobody up for longer. */
export const STORE_TIMEOUT_MS = 30_000;
/** A call that takes longer has the store looked at: one that does not answer then is down, and all who wait for it are let go. */
export const SUSPECT_STORE_AFTER_MS = 3_000;
/** How often a store that is down is looked at, while there are calls. */
export const LOOK_AGAIN_AFTER_MS = 1_000;
/** Beyond a network: what fails passes within moments, or the record waits in a retry topic. A volume's calls are tried once. */
export const CLOUD_RETRY: RetryPolicy = { maxAttempts: 3, baseMs: 100, maxMs: 2_000 };
/** Everybody waits while it is found out which store it is: one that hangs is down sooner. */
export const IDENTITY_TIMEOUT_MS = 5_000;
export const IDENTITY_RETRY: RetryPolicy = { maxAttempts: 2, baseMs: 50, maxMs: 200 };
/** What is under way in a store when its region leaves the tenants' file has this long. */
export const CLOSE_STORE_AFTER_MS = 60_000;

/**
 * Between two passes of the reconciler over a tenant whose master region is beyond a network: every pass reads the metadata of every message, and
 * there each read is paid for. For a tenant on a volume the reconciler's own interval holds.
 */
export const CLOUD_RECONCILE_EVERY_MS = 3_600_000;
