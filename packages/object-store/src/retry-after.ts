/**
 * How long a server asks to be left alone (RFC 9110 §10.2.3), ms; null where it does not say. @param nowMs what its date is held against.
 */
export function retryAfterMs(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}
