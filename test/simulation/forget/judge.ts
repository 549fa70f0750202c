import { soughtHashes } from '@voicemail/message-store';
import { searchBytes, searchText, waitFor, type Hit } from '@voicemail/testing';
import { expect } from 'vitest';
import { disksOf, isDistributed } from '../../support/backbone.ts';
import { lastLamps } from '../../support/in-process.ts';
import { CALLERS } from './callers.ts';
import type { Item, Model } from './model.ts';
import type { Play } from './play.ts';
import { TENANTS } from './script.ts';
import type { Site } from './site.ts';
import { lettersOf, messagesOf, nameOf, says, soundOf, storesOf } from './there.ts';

const GONE_LIMIT_MS = 30_000;

/** Of a log line nobody may be recognised, forgotten or not. */
const EVERY_NEEDLE = CALLERS.flatMap(({ needles }) => needles);

/** Every message that must be there is, with its recording, and no other; every mailbox's lamp says what a recount does. */
export async function expectWhatMustBeThere(site: Site, { model }: Play): Promise<void> {
  const running = site.running();
  const messages = (await Promise.all(TENANTS.map((tenant) => messagesOf(running, tenant)))).flat();
  const kept = model.items.filter((item) => item.kind === 'message' && model.isKept(item));
  const sounds = await Promise.all(
    messages.map(async (message): Promise<[string, string]> => [nameOf(message), await soundOf(running, message)]),
  );
  expect(Object.fromEntries(sounds)).toEqual(
    Object.fromEntries(kept.map((item) => [nameOf(item), `RIFF ${item.sound}`])),
  );
  const recount: Record<string, { new: number; old: number }> = {};
  for (const { tenant, mailbox, state } of messages) {
    const counts = (recount[`${tenant}/${mailbox}`] ??= { new: 0, old: 0 });
    counts[state] += 1;
  }
  const lamps: typeof recount = {};
  for (const [mailbox, lamp] of Object.entries(await lastLamps(running.log))) {
    const counts = lamp as { new: number; old: number };
    if (counts.new + counts.old > 0) lamps[mailbox] = { new: counts.new, old: counts.old };
  }
  expect(lamps).toEqual(recount);
}

/** Every record that was refused and must be kept is. */
export async function expectLetters(site: Site, { model }: Play): Promise<void> {
  for (const tenant of TENANTS) {
    const letters = model.items.filter((item) => item.kind === 'letter' && item.tenant === tenant);
    const records = await lettersOf(site.running(), tenant);
    const found = letters.filter(({ sound }) => records.some((record) => says(record, sound)));
    expect(found.map(({ sound }) => sound)).toEqual(
      letters.filter((item) => model.isKept(item)).map(({ sound }) => sound),
    );
  }
}

/** Every request has come to where it rests, and none has failed. */
export async function unfinished(site: Site, { requests }: Play): Promise<readonly string[]> {
  const over = new Set(['erased', 'undone', 'exported']);
  const left: string[] = [];
  for (const served of site.running().tenants.all()) {
    const { requests: known } = await site.running().ledgers(served.stores).refresh();
    for (const { tenant, requestId } of requests) {
      const phase = known.get(requestId)?.phase ?? 'unknown';
      if (tenant === served.tenant.tenantId && !over.has(phase)) left.push(`${tenant}/${requestId} ${phase}`);
    }
  }
  return left;
}

const keptSounds = (model: Model): ReadonlySet<string> =>
  new Set(model.items.filter((item) => model.isKept(item)).map(({ sound }) => sound));

/** What tells of things that are gone, or of callers of whom nothing is kept: none of it may be found. */
export function needlesOf({ model }: Play): readonly string[] {
  const isGone = (item: Item): boolean => !model.isKept(item);
  const kept = keptSounds(model);
  const sounds = model.items.filter(isGone).map(({ sound }) => sound);
  const staged = model.items.filter(isGone).flatMap(({ stagedAs }) => stagedAs ?? []);
  const callers = CALLERS.flatMap(({ needles }, caller) => (model.isUnknown(caller) ? needles : []));
  return [...new Set([...sounds.filter((sound) => !kept.has(sound)), ...staged, ...callers])];
}

/** Where something tells of what is gone or of who is forgotten, by its bytes or its name. */
export const tracesOf = async (site: Site, play: Play): Promise<readonly Hit[]> =>
  searchBytes(needlesOf(play), await disksOf(site.folder));

/** Nothing does, and nothing that was logged tells of anybody. */
export async function expectNoTrace(site: Site, play: Play): Promise<void> {
  const tidied = async (): Promise<readonly Hit[]> => {
    await site.running().tidy();
    return tracesOf(site, play);
  };
  const isSoon = ({ length }: readonly Hit[]): boolean => length === 0;
  // Brokers take what was trimmed off their disks when they look next.
  if (isDistributed) await waitFor('the brokers have looked', tidied, isSoon, { limitMs: GONE_LIMIT_MS });
  expect(await tracesOf(site, play)).toEqual([]);
  const all = [
    ...EVERY_NEEDLE,
    ...play.model.items.flatMap(({ sound, stagedAs }) => [sound, ...(stagedAs === null ? [] : [stagedAs])]),
  ];
  expect(searchText([...new Set(all)], site.logged())).toEqual([]);
}

/** By which the stores know a caller of whom nothing is kept, and what was said of messages that are gone. */
export function pseudonymsOf(site: Site, { model }: Play): readonly string[] {
  const hashes = TENANTS.flatMap((tenant) =>
    CALLERS.flatMap(({ spellings }, caller) =>
      model.isUnknown(caller) ? soughtHashes(storesOf(site.running(), tenant), spellings[0] ?? null) : [],
    ),
  );
  // A copy that is kept says what it was forwarded from.
  const kept = keptSounds(model);
  const ids = model.items.filter(({ sound }) => !kept.has(sound)).map(({ messageId }) => messageId);
  return [...new Set([...hashes, ...ids])];
}

/** Once stubs have had their time the ledger alone tells that there was somebody. */
export async function expectLedgerAlone(site: Site, play: Play): Promise<void> {
  const hits = await searchBytes(pseudonymsOf(site, play), [site.folder]);
  expect(hits.filter(({ file }) => !file.includes('/gdpr/ledger/'))).toEqual([]);
}
