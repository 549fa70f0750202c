/** The projector's bounds and rhythms. Each may be set by whoever makes one. */
export interface ProjectorLimits {
  /** Mailboxes whose facts are handled at once. */
  readonly maxInFlight: number;
  /** Of these, mailboxes that are recounted at once: each reads the stores. */
  readonly maxRecounting: number;
  /** Facts of one mailbox that are applied together. */
  readonly maxBatch: number;
  readonly maxBufferedRecords: number;
  readonly maxBufferedBytes: number;
  /** Times that one handling tries again when another recount or a loss of the counts came between. */
  readonly maxAttempts: number;
  /** How often it is looked for mailboxes that wait for a recount or a publication. */
  readonly settleIntervalMs: number;
  /** Waiting mailboxes that are looked at together. */
  readonly maxSettleBatch: number;
  /** Mailboxes that are settled at once, over all tenants and of one: a tenant whose store hangs leaves room for others. */
  readonly maxSettling: number;
  readonly maxSettlingOfTenant: number;
  /** How often it is asked whether the counts' store lost what it held. */
  readonly lossCheckIntervalMs: number;
  /** Mailboxes that it is asked about. */
  readonly maxWitnesses: number;
  /** Pause before a tenant whose mailboxes could not be listed is listed again. */
  readonly discoveryRetryMs: number;
  /** Pause of the reconciler after a slice of its work. */
  readonly sliceIntervalMs: number;
  /** A slice ends at the first of these, also within a mailbox: a large one is read no faster than many small ones. */
  readonly maxSliceMailboxes: number;
  readonly maxSliceMessages: number;
  /** A pass over a tenant's mailboxes begins no sooner than this after the one before, where the tenant names no other interval. */
  readonly passIntervalMs: number;
  /** A difference that is still there after this is drift; before, its fact may be on its way. */
  readonly confirmDriftMs: number;
  /** Mailboxes that wait for their second look at once. */
  readonly maxSuspects: number;
  /** Names of one tenant's mailboxes that a pass remembers; beyond it some are looked at twice. */
  readonly maxRememberedMailboxes: number;
  /** Mailboxes that are read from the counts' store at once while it is listed. */
  readonly listPageSize: number;
  readonly purgeIntervalMs: number;
  /** `gone` entries stay longer than the facts topic with its backlog and the stubs (35 days). */
  readonly keepGoneMs: number;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const PROJECTOR_LIMITS: ProjectorLimits = {
  maxInFlight: 512,
  maxRecounting: 32,
  maxBatch: 256,
  maxBufferedRecords: 8_192,
  maxBufferedBytes: 8 * 1_024 * 1_024,
  maxAttempts: 5,
  settleIntervalMs: SECOND_MS,
  maxSettleBatch: 256,
  maxSettling: 32,
  maxSettlingOfTenant: 16,
  lossCheckIntervalMs: 5 * SECOND_MS,
  maxWitnesses: 32,
  discoveryRetryMs: 10 * SECOND_MS,
  sliceIntervalMs: SECOND_MS,
  maxSliceMailboxes: 10,
  maxSliceMessages: 200,
  passIntervalMs: 30 * SECOND_MS,
  confirmDriftMs: 5 * SECOND_MS,
  maxSuspects: 1_000,
  maxRememberedMailboxes: 200_000,
  listPageSize: 200,
  purgeIntervalMs: HOUR_MS,
  keepGoneMs: 40 * DAY_MS,
};
