import { keepDeadLetter } from '@voicemail/message-store';
import { EVERY_KIND, onStores } from '@voicemail/message-store/testing';
import { isLongForm, isWhole } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { endOf } from './testing/end-of.ts';
import {
  CALLER,
  DAY_MS,
  mortalWorker,
  openGdprWorld,
  request,
  type GdprWorld,
  type Worker,
} from './testing/gdpr-world.ts';

/** More writes than any operation here has: a test that reaches it has lost its way. */
const MAX_STEPS = 400;
/** Every write; in the short form, which is quicker, every so manyeth: a second or more goes by for each on a server. */
const STRIDE_ON_VOLUMES = isWhole() ? 1 : 5;
const STRIDE_ON_SERVERS = isLongForm() ? 1 : 13;
/** Azurite answers slowly, and a death at each of two hundred writes begins anew each time. */
const LIMIT_MS = isLongForm() ? 3_600_000 : 300_000;

interface Case {
  readonly name: string;
  /** What was before. */
  readonly prepare: (world: GdprWorld, worker: Worker) => Promise<void>;
  /** What dies. */
  readonly run: (worker: Worker) => Promise<unknown>;
  /** It has at least so many writes: one that has fewer has lost its way. */
  readonly fewestSteps: number;
}

const now = ({ clock }: GdprWorld): string => new Date(clock.now()).toISOString();

/** Two messages of the caller, one in each region, and a dead letter; and a message of another. */
async function deposits(world: GdprWorld): Promise<void> {
  const { clock } = world;
  const { stores } = world.world;
  const record = { topic: 'voicemail.deposits', partition: 0, offset: 7, key: 't100/9876', headers: {} };
  const why = { reason: 'media-mismatch', detail: 'why', stagedKey: null, callerId: CALLER };
  await keepDeadLetter(
    { tenant: stores, deployment: stores.master.store },
    { ...record, value: Buffer.from('not what was promised'), ...why, takenAtMs: clock.now() },
    clock.now(),
  );
  await world.deposit({ messageId: 'm1', region: 'westus2' });
  await world.deposit({ messageId: 'm2', region: 'westeurope', callerId: 'tel:+1-555-121-2000' });
  await world.deposit({ messageId: 'other', callerId: '+15551212999' });
}
async function ask(
  world: GdprWorld,
  worker: Worker,
  id: string,
  operation: 'forgetme' | 'undoforget' | 'exportme',
): Promise<void> {
  await worker.gdpr.take(world.world.stores, request(id, operation, now(world), CALLER), now(world));
}

const CASES: readonly Case[] = [
  {
    name: 'a forget, from its intake to its mark',
    prepare: deposits,
    run: async (worker) => {
      const at = '2026-03-02T12:00:00.000Z';
      await worker.gdpr.take(
        worker.stores,
        request('f1', 'forgetme', '2030-01-01T00:00:00.000Z', CALLER),
        at.replace('2026', '2030'),
      );
      await worker.work();
    },
    fewestSteps: 20,
  },
  {
    name: 'an undo',
    prepare: async (world, worker) => {
      await deposits(world);
      await ask(world, worker, 'f1', 'forgetme');
      await worker.work();
      await ask(world, worker, 'u1', 'undoforget');
    },
    run: (worker) => worker.work(),
    fewestSteps: 20,
  },
  {
    name: 'an export',
    prepare: async (world, worker) => {
      await deposits(world);
      await ask(world, worker, 'e1', 'exportme');
    },
    run: (worker) => worker.work(),
    fewestSteps: 4,
  },
  {
    name: 'the run of the rule that deletes, and the erasure',
    prepare: async (world, worker) => {
      await deposits(world);
      await ask(world, worker, 'f1', 'forgetme');
      await worker.work();
      await world.clock.advance(DAY_MS);
    },
    run: (worker) => worker.rule(),
    fewestSteps: 20,
  },
];

onStores('a worker that dies at a write', EVERY_KIND, (open, [kind]) => {
  describe.each(CASES)('$name', ({ prepare, run, fewestSteps }) => {
    it(
      'is followed by another that ends in the same place, wherever it died',
      async () => {
        const outcome = async (dieAt: number | null) => {
          await using world = await openGdprWorld(open);
          await prepare(world, world.worker());
          const { worker, diedAt } = mortalWorker(world, dieAt);
          if (dieAt === null) await run(worker);
          else await run(worker).catch((error: unknown) => expect(String(error)).toContain('the process died'));
          const next = world.worker();
          await run(next);
          return { diedAt: diedAt(), end: await endOf(world, next) };
        };
        const undisturbed = await outcome(null);
        const stride = kind === 'volume' ? STRIDE_ON_VOLUMES : STRIDE_ON_SERVERS;
        let hits = 0;
        for (let step = stride > 1 ? 2 : 1; step <= MAX_STEPS; step += stride) {
          const disturbed = await outcome(step);
          if (disturbed.diedAt === null) break;
          hits += 1;
          expect(disturbed.end, `died at ${disturbed.diedAt}`).toEqual(undisturbed.end);
        }
        expect(hits * stride).toBeGreaterThan(fewestSteps);
        expect(hits).toBeLessThan(MAX_STEPS);
      },
      LIMIT_MS,
    );
  });
});
