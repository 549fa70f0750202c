/** The last thing that the process said it had done. */
export function lastStep(stdout: string): string {
  const steps = stdout.matchAll(/"step":"([^"]+)"/g);
  return [...steps].at(-1)?.[1] ?? 'before the first step';
}

/** How many kills came after which step, the most frequent first. */
export function tabulate(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].toSorted(([, a], [, b]) => b - a);
  return rows.map(([step, count]) => `${String(count).padStart(4)}  ${step}\n`).join('');
}
