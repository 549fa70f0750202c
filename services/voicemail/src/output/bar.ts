const WIDTH = 20;

/** How far something is, as a bar with its numbers. */
export function bar(done: number, total: number): string {
  const part = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.round(WIDTH * part);
  return `[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${Math.min(done, total)} of ${total}`;
}
