import { systemClock } from '@voicemail/runtime';
import type { Admin } from 'kafkajs';
import { connection } from '../connection.ts';

const LIMIT_MS = 30_000;
const LOOK_AGAIN_MS = 50;
const clock = systemClock();

/**
 * Deletes every topic and every group, so that the next test finds the brokers as they were at first, though topics have fixed names.
 * Nobody may use them meanwhile. @throws Error where something is still there after 30 s.
 */
export async function emptyBrokers(brokers: readonly string[]): Promise<void> {
  const admin = connection({ brokers, clientId: 'test' }).admin();
  await admin.connect();
  try {
    const topics = await topicsOf(admin);
    if (topics.length > 0) await admin.deleteTopics({ topics });
    // The controller has deleted them; a broker may not have heard of it yet.
    await until('topics', async () => (await topicsOf(admin)).length === 0);
    await until('groups', () => deleteGroups(admin));
  } finally {
    await admin.disconnect();
  }
}

const topicsOf = async (admin: Admin): Promise<string[]> =>
  (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));

/** A member that was killed stays in its group until its session is over. */
async function deleteGroups(admin: Admin): Promise<boolean> {
  const { groups } = await admin.listGroups();
  if (groups.length === 0) return true;
  return admin.deleteGroups(groups.map(({ groupId }) => groupId)).then(
    () => true,
    () => false,
  );
}

async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  const untilMs = clock.monotonicMs() + LIMIT_MS;
  while (!(await isDone())) {
    if (clock.monotonicMs() > untilMs) throw new Error(`there are still ${what} after ${LIMIT_MS} ms`);
    await clock.sleep(LOOK_AGAIN_MS);
  }
}
