import type { EventLog } from '@voicemail/event-log';
import type { MwiStore } from '@voicemail/mwi-store';

/** What every service stands on, and the deployment's secrets. */
export interface Backbone {
  readonly log: EventLog;
  /** For those services that need the counts. */
  readonly openMwi: () => Promise<MwiStore>;
  /** null: there is no token, and nobody gets in with one. */
  readonly token: string | null;
  /** The text of the caller-hash key file. */
  readonly callerHashKey: string;
}
