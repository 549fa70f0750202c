import type { Metrics } from '@voicemail/runtime';

/** Why a mailbox was recounted: a fact met an unknown mailbox, it was found waiting, or the reconciler found drift. */
export type RecountCause = 'fact' | 'waiting' | 'drift';

/** What the projector tells of itself. */
export function projectorMetrics(metrics: Metrics) {
  return {
    facts: metrics.counter({
      name: 'voicemail_mwi_facts_total',
      help: 'Facts that were projected or passed over, by outcome',
      labels: ['outcome'],
    }),
    delay: metrics.histogram({
      name: 'voicemail_mwi_fact_delay_seconds',
      help: 'Seconds from when the log took a fact to when what follows from it was published',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
    }),
    published: metrics.counter({
      name: 'voicemail_mwi_published_total',
      help: 'Records that were published to voicemail.mwi',
    }),
    recounts: metrics.counter({
      name: 'voicemail_mwi_recounts_total',
      help: 'Mailboxes that were counted anew from the stores, by cause',
      labels: ['cause'],
    }),
    overtaken: metrics.counter({
      name: 'voicemail_mwi_overtaken_total',
      help: 'Attempts that began again because another recount or a loss of the counts came between',
    }),
    fenced: metrics.counter({
      name: 'voicemail_mwi_fenced_total',
      help: 'Publications that were refused because another process has the mailbox by then',
    }),
    failures: metrics.counter({
      name: 'voicemail_mwi_failures_total',
      help: 'Work that failed and is tried again, by what it was',
      labels: ['work'],
    }),
    waiting: metrics.gauge({
      name: 'voicemail_mwi_unsettled_mailboxes',
      help: 'Mailboxes seen waiting for a recount or a publication at the last look, up to the limit of a look',
    }),
    checked: metrics.counter({
      name: 'voicemail_mwi_reconciled_mailboxes_total',
      help: 'Mailboxes whose counts were compared with the stores',
    }),
    drift: metrics.counter({
      name: 'voicemail_mwi_drift_messages_total',
      help: 'Messages that were counted otherwise than the stores say, and were repaired',
    }),
    passSeconds: metrics.gauge({
      name: 'voicemail_mwi_reconcile_pass_seconds',
      help: 'How long the last comparison with the stores took, of all mailboxes that it was time for',
    }),
    losses: metrics.counter({
      name: 'voicemail_mwi_losses_total',
      help: 'Times that the counts were found lost and are rebuilt',
    }),
  };
}

export type ProjectorMetrics = ReturnType<typeof projectorMetrics>;
