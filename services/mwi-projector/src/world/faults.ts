import { TOPICS } from '@voicemail/contracts';
import { withAppend, type EventLog } from '@voicemail/event-log';
import type { MwiStore } from '@voicemail/mwi-store';

/** The log, with something that happens before each record of a lamp is appended. */
export function beforePublishing(log: EventLog, happens: () => Promise<void>): EventLog {
  return withAppend(log, async (records, append) => {
    if (records.some(({ topic }) => topic === TOPICS.mwi)) await happens();
    return append(records);
  });
}

/** The log as a member of a group has it whose partitions are all with others. */
export function holdingNothing(log: EventLog): EventLog {
  return {
    ...withAppend(log, (records, append) => append(records)),
    subscribe: async (options) => {
      const subscription = await log.subscribe(options);
      return {
        holding: () => null,
        idle: () => subscription.idle(),
        stop: (graceMs) => subscription.stop(graceMs),
      };
    },
  };
}

/** The counts, with each change of them told before it is made. */
export function telling(mwi: MwiStore, tell: (call: string) => void): MwiStore {
  return {
    ...mwi,
    apply: (ref, change) => {
      tell('apply');
      return mwi.apply(ref, change);
    },
    beginRecount: (ref) => {
      tell('begin recount');
      return mwi.beginRecount(ref);
    },
    mergeRecount: (ref, token, listing) => {
      tell('merge recount');
      return mwi.mergeRecount(ref, token, listing);
    },
    markPublished: (ref, revision) => {
      tell('mark published');
      return mwi.markPublished(ref, revision);
    },
  };
}

/** Whichever counts there are now: a store that may lose everything while it is used. */
export function whichever(current: () => MwiStore): MwiStore {
  return {
    apply: (ref, change) => current().apply(ref, change),
    beginRecount: (ref) => current().beginRecount(ref),
    mergeRecount: (ref, token, listing) => current().mergeRecount(ref, token, listing),
    entries: (ref) => current().entries(ref),
    markPublished: (ref, revision) => current().markPublished(ref, revision),
    read: (ref) => current().read(ref),
    mailboxes: (tenant, page) => current().mailboxes(tenant, page),
    mailboxesOfUser: (tenant, user) => current().mailboxesOfUser(tenant, user),
    unsettled: (limit) => current().unsettled(limit),
    invalidate: (tenant) => current().invalidate(tenant),
    purgeGone: (beforeMs) => current().purgeGone(beforeMs),
    check: () => current().check(),
    close: () => current().close(),
  };
}
