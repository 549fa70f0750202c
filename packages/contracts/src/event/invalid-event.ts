import { summary, type Fault } from '../fault.ts';

/** `malformed`: no CloudEvent. `unknown-type`: not of the topic's type. `invalid-data`: the data is not what the type says. */
export type InvalidEventReason = 'malformed' | 'unknown-type' | 'invalid-data';

/** What could be read of a refused event, so that its bytes are kept where a request to forget the caller finds them. */
export interface ReadableParts {
  readonly tenant?: string;
  readonly mailbox?: string;
  /** As received, null where the event says that there is none. Personal data: it is neither in the message nor in a fault. */
  readonly callerId?: string | null;
  /** RFC 3339: when a deposit was left, as its publisher says. */
  readonly depositedAt?: string;
}

/** An event that was refused, with every fault. The message and the faults repeat no value: they may be logged and published. */
export class InvalidEvent extends Error {
  override readonly name = 'InvalidEvent';
  readonly reason: InvalidEventReason;
  readonly faults: readonly Fault[];
  declare readonly tenant?: string;
  declare readonly mailbox?: string;
  /** Not enumerable: it must not reach a log with the error. */
  declare readonly callerId?: string | null;
  declare readonly depositedAt?: string;

  constructor(reason: InvalidEventReason, faults: readonly Fault[], readable: ReadableParts = {}) {
    super(summary(faults));
    this.reason = reason;
    this.faults = faults;
    if (readable.tenant !== undefined) this.tenant = readable.tenant;
    if (readable.mailbox !== undefined) this.mailbox = readable.mailbox;
    if (readable.depositedAt !== undefined) this.depositedAt = readable.depositedAt;
    if (readable.callerId !== undefined) Object.defineProperty(this, 'callerId', { value: readable.callerId });
  }
}
