import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isLongForm } from '@voicemail/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  expectLedgerAlone,
  expectLetters,
  expectNoTrace,
  expectWhatMustBeThere,
  tracesOf,
  unfinished,
} from './forget/judge.ts';
import { isDistributed } from '../support/backbone.ts';
import { openPlay, type Play } from './forget/play.ts';
import { script, type Step } from './forget/script.ts';
import { openSite, type Site } from './forget/site.ts';
import { messagesOf, storesOf } from './forget/there.ts';

/** `SEED=17` runs that one alone, and finds the shortest script that fails as it does. */
const SEED = process.env['SEED'];
const RUNS = isLongForm() ? 200 : 4;
/** To begin anew takes seconds there. */
const RUNS_ON_KAFKA = isLongForm() ? 10 : 1;
const seeds =
  SEED === undefined
    ? Array.from({ length: isDistributed ? RUNS_ON_KAFKA : RUNS }, (_, index) => index + 1)
    : [Number(SEED)];
const LIMIT_MS = SEED === undefined ? 120_000 : 3_600_000;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** By then a request is erased whatever puts it off: the hard deadline, and a day. */
const MAX_DAYS = 9;
/** What was trimmed and deleted on the first of them leaves no name in the volumes after the last. */
const LEAST_DAYS = 3;

/** Plays a script, then lets days pass until every request has come to its end. */
async function playOut(site: Site, steps: readonly Step[]): Promise<Play> {
  const play = openPlay(site);
  for (const step of steps) await play.step(step);
  await play.releaseAll();
  await play.step({ do: 'settle' });
  for (let day = 1; day <= LEAST_DAYS || (day <= MAX_DAYS && (await unfinished(site, play)).length > 0); day += 1) {
    await play.step({ do: 'set-clock', byMs: DAY_MS + HOUR_MS });
    await play.step({ do: 'settle' });
  }
  await play.step({ do: 'clean' });
  return play;
}

/** Lets the time pass that stubs have, and everything else that has an end of its own. */
async function growOld(site: Site, play: Play): Promise<void> {
  for (const days of [36, 8, 2]) {
    await play.step({ do: 'set-clock', byMs: days * DAY_MS });
    // A process sweeps soon after its start, and once a day from then on.
    await play.step({ do: 'restart' });
    await play.step({ do: 'pass', ms: 10_000 });
    await play.step({ do: 'settle' });
    await play.step({ do: 'clean' });
  }
}

async function judge(steps: readonly Step[]): Promise<void> {
  await using site = await openSite();
  const play = await playOut(site, steps);
  expect(await unfinished(site, play)).toEqual([]);
  await expectWhatMustBeThere(site, play);
  await expectLetters(site, play);
  await expectNoTrace(site, play);

  // Facts have their time by the brokers' clock.
  if (isDistributed) return;
  await growOld(site, play);
  await expectWhatMustBeThere(site, play);
  await expectNoTrace(site, play);
  await expectLedgerAlone(site, play);
}

describe('whatever happens to callers who asked to be forgotten, and to others', () => {
  it.each(seeds)(
    'nothing of the ones is left, and nothing of the others is missing (seed %i)',
    async (seed) => {
      await fc.assert(fc.asyncProperty(script, judge), { seed, numRuns: 1, endOnFailure: SEED === undefined });
    },
    LIMIT_MS,
  );

  it.skipIf(isDistributed)('is seen: what is planted is found, and what is taken away is missed', async () => {
    const left = { tenant: 't100', mailbox: '1001', region: 'westus2', agoMs: 0 } as const;
    const [forgotten, other] = [0, 1].map((caller) => ({ caller, spelling: 1 }));
    await using site = await openSite();
    const play = await playOut(site, [
      { do: 'deposit', ...left, caller: forgotten!, how: 'staged' },
      { do: 'deposit', ...left, caller: other!, how: 'binary' },
      { do: 'forgetme', tenant: 't100', callers: [forgotten!], agoMs: 0 },
    ]);
    await expectNoTrace(site, play);
    const file = join(site.folder, 'planted');
    const [gone, kept] = play.model.items;
    const plants = [
      Buffer.from('tel:+1-555-121-2001', 'utf16le'),
      Buffer.from(Buffer.from(`{"callerId":"+15551212001"}`).toString('base64')),
      Buffer.from(`RIFF ${gone?.sound}`),
      Buffer.from(Buffer.from(`{"stagedKey":"staging/t100/${gone?.stagedAs}.wav"}`).toString('hex')),
    ];
    for (const plant of plants) {
      await writeFile(file, plant);
      expect(new Set((await tracesOf(site, play)).map((hit) => hit.file))).toEqual(new Set([file]));
    }
    await writeFile(file, 'the voice of another');
    expect(await tracesOf(site, play)).toEqual([]);

    await expectWhatMustBeThere(site, play);
    const [message] = await messagesOf(site.running(), 't100');
    expect(message).toMatchObject({ messageId: kept?.messageId });
    await storesOf(site.running(), 't100').master.store.delete(message!.media.key);
    await expect(expectWhatMustBeThere(site, play)).rejects.toThrow('the recording is not in its store');
  });
});
