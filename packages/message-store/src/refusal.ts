import type { DeadLetterReason } from '@voicemail/contracts';

/**
 * An event that no repetition makes right: it becomes a dead letter with this reason (CONTRACT section 3). The message
 * holds no personal data, for it is published.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: DeadLetterReason;

  constructor(reason: DeadLetterReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}
