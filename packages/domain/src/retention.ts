const DAY_MS = 86_400_000;

/**
 * Whether a mailbox's `retentionDays` have passed since the message's time.
 * @param retentionDays undefined: messages are kept.
 * @param nowMs ms since the epoch.
 */
export function isExpired(
  message: { readonly time: string },
  retentionDays: number | undefined,
  nowMs: number,
): boolean {
  return retentionDays !== undefined && nowMs - Date.parse(message.time) >= retentionDays * DAY_MS;
}
