/** Cuts `total` things into `parts` runs alike in size: the size of each. */
export function shares(total: number, parts: number): readonly number[] {
  const edge = (part: number): number => Math.floor((part * total) / parts);
  return Array.from({ length: parts }, (_, part) => edge(part + 1) - edge(part));
}
