import { waitFor } from '@voicemail/testing';
import type { Server } from './server.ts';

const LIMIT_MS = 120_000;
const EVERY_MS = 25;
const PROJECTED = /^voicemail_mwi_facts_total\{outcome="projected"\} (\d+)$/m;

/** Waits until so many facts were projected since the server started: as many deposits are stored, announced and counted. */
export async function waitUntilCounted(server: Server, facts: number): Promise<void> {
  const projected = async (): Promise<number> => Number(PROJECTED.exec(await server.text('/metrics'))?.[1] ?? 0);
  await waitFor(`${facts} deposits are counted`, projected, (count) => count >= facts, {
    limitMs: LIMIT_MS,
    everyMs: EVERY_MS,
  });
}

/** How many messages the lamps of a server show. */
export async function countedMessages(server: Server): Promise<number> {
  const list = await server.json<{ items: { counts: { new: number } | null }[] }>('/v1/mailboxes?limit=1000');
  return list.items.reduce((total, { counts }) => total + (counts?.new ?? 0), 0);
}
