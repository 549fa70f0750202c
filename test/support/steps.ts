const saidSteps = (stdout: string): string[] =>
  Array.from(stdout.matchAll(/"step":"([^"]+)"/g), ([, step = '']) => step);

/** The last thing that the process said it had done. */
export function lastStep(stdout: string): string {
  return saidSteps(stdout).at(-1) ?? 'before the first step';
}

/** How many different things the process said it had done. */
export function countSteps(stdout: string): number {
  return new Set(saidSteps(stdout)).size;
}

/** How many kills came after which step, the most frequent first. */
export function tabulate(counts: ReadonlyMap<string, number>): string {
  const rows = [...counts].toSorted(([, a], [, b]) => b - a);
  return rows.map(([step, count]) => `${String(count).padStart(4)}  ${step}\n`).join('');
}
