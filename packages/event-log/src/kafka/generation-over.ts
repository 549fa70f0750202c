/** What the broker answers to a member that is not in the group's present generation any more. */
const OVER: ReadonlySet<unknown> = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS']);

/** Whether a commit was refused because the group has gone on without this member, or is about to. */
export function isGenerationOver(error: unknown): boolean {
  return error instanceof Error && 'type' in error && OVER.has(error.type);
}
