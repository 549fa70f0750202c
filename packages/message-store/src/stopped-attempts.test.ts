import { withFaults } from '@voicemail/object-store';
import { expect, it } from 'vitest';
import { keepDeadLetter, listDeadLetters, readRejected, type RejectedRecord } from './dead-letters.ts';
import { deleteMessage, eraseMessage } from './delete-message.ts';
import { storeDeposit, type Deposit } from './deposit.ts';
import { forwardMessage } from './forward-message.ts';
import { atEveryCall, interruptedAt } from './contract/interrupted.ts';
import { listMessages, openMedia, readMessage } from './read-message.ts';
import { searchCaller } from './search-caller.ts';
import { stageMedia } from './stage.ts';
import { EVERY_KIND, onStores } from './contract/store-kinds.ts';
import { sweepDeadLetters } from './sweep-dead-letters.ts';
import { sweepLeftovers } from './sweep-leftovers.ts';
import { collect, someDeposit, START, sweepAt, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 240_000;
const now = new Date(START).toISOString();
const SOURCE = { mailbox: '9876', messageId: 'm1' };

/** The tenant's stores for a process that dies before its n-th put of this kind. */
function dying(world: World, isMeant: (key: string) => boolean, nth = 1): TenantStores {
  let puts = 0;
  return world.behind((store) =>
    withFaults(store, ({ moment, operation, key }) => {
      if (moment === 'after' || operation !== 'put' || !isMeant(key ?? '')) return;
      puts += 1;
      if (puts === nth) throw new Error('the process died');
    }),
  );
}
const isMetadata = (key: string): boolean => key.endsWith('metadata.json');

const sweep = (stores: TenantStores, atMs: number) => sweepLeftovers(stores, sweepAt(atMs));
const textOf = async (world: World, ref: { mailbox: string; messageId: string }): Promise<string> => {
  const message = (await readMessage(world.stores, ref.mailbox, ref.messageId))!.value;
  return Buffer.concat(await collect((await openMedia(world.stores, message)).body)).toString();
};

onStores('a stopped attempt', EVERY_KIND, (open, [kindOfStore]) => {
  /** A world of its own for one interleaving. */
  const inWorld = async <T>(run: (world: World) => Promise<T>): Promise<T> => {
    const world = await open();
    try {
      return await run(world);
    } finally {
      await world.remove();
    }
  };
  /** When whatever lies there is an orphan. A server's own time does not move. */
  const lateMs = ({ startMs, clock }: World): number => Math.max(clock.now(), startMs + 8 * DAY_MS);

  it('at a deposit is completed by its repetition, or swept after 7 days, and then deposited even later', () =>
    inWorld(async (world) => {
      await expect(storeDeposit(dying(world, isMetadata), someDeposit(), now)).rejects.toThrow('died');
      expect(await sweep(world.stores, world.startMs + 6 * DAY_MS)).toMatchObject({ orphans: 0 });
      expect((await storeDeposit(world.stores, someDeposit(), now)).kind).toBe('stored');

      const second = someDeposit({ messageId: 'm2' });
      await expect(storeDeposit(dying(world, isMetadata), second, now)).rejects.toThrow('died');
      expect(await sweep(world.stores, lateMs(world))).toMatchObject({ orphans: 1 });
      expect(await storeDeposit(world.stores, second, now)).toMatchObject({ kind: 'stored', message: { revision: 2 } });
      expect(await sweep(world.stores, lateMs(world))).toMatchObject({ orphans: 0 });
      expect(await textOf(world, { mailbox: '9876', messageId: 'm2' })).toBe('RIFF some sound');
    }));

  // A sweep that sleeps has seen what lay there. While it sleeps another sweep may do its work, and the deposit come back.
  for (const others of ['nobody else', 'another sweep'] as const) {
    for (const how of ['in the record', 'staged'] as const) {
      // Of the four, servers have time for two that between them go every way.
      if (kindOfStore !== 'volume' && (others === 'another sweep') !== (how === 'in the record')) continue;
      it(
        `at a deposit ${how}, whose repetition is acknowledged while a sweep sleeps anywhere (and ${others} sweeps), loses nothing`,
        async () => {
          const calls = await atEveryCall(kindOfStore, (nth) =>
            inWorld(async (world) => {
              const bytes = Buffer.from('RIFF some sound');
              const media = async (): Promise<Deposit['media']> =>
                how === 'staged'
                  ? {
                      contentType: 'audio/wav',
                      stagedKey: await stageMedia(world.stores, 'westeurope', `s${world.clock.now()}`, {
                        contentType: 'audio/wav',
                        body: bytes,
                      }),
                    }
                  : { contentType: 'audio/wav', bytes };
              const deposit = someDeposit({ region: 'westeurope', media: await media() });
              await expect(storeDeposit(dying(world, isMetadata), deposit, now)).rejects.toThrow('died');
              await world.clock.advance(8 * DAY_MS);
              if (others === 'another sweep') {
                // It is stored anew over a claim, and is an orphan again.
                await sweep(world.stores, lateMs(world));
                const second = someDeposit({ region: 'westeurope', media: await media() });
                await expect(storeDeposit(dying(world, isMetadata, 2), second, now)).rejects.toThrow('died');
                await world.clock.advance(8 * DAY_MS);
              }
              const asleep = interruptedAt(world, nth, async () => {
                if (others === 'another sweep') await sweep(world.stores, lateMs(world));
                // The staged object may have been swept as well: its publisher stages it again.
                const again = someDeposit({ region: 'westeurope', media: await media() });
                expect((await storeDeposit(world.stores, again, now)).kind).toBe('stored');
              });
              await sweep(asleep.stores, lateMs(world));
              if (asleep.happened()) expect(await textOf(world, SOURCE)).toBe('RIFF some sound');
              return asleep;
            }),
          );
          expect(calls).toBeGreaterThan(12);
        },
        TIMEOUT_MS,
      );
    }
  }

  it(
    'at a deposit, whose repetition sleeps anywhere while a sweep does all its work, loses nothing',
    async () => {
      const calls = await atEveryCall(
        kindOfStore,
        (nth) =>
          inWorld(async (world) => {
            await expect(storeDeposit(dying(world, isMetadata), someDeposit(), now)).rejects.toThrow('died');
            await world.clock.advance(8 * DAY_MS);
            // On a server what is being written now is as old for this sweep as what is left: it must not take it nevertheless.
            const asleep = interruptedAt(world, nth, () => sweep(world.stores, lateMs(world)));
            await storeDeposit(asleep.stores, someDeposit(), new Date(START + 8 * DAY_MS).toISOString());
            expect(await textOf(world, SOURCE)).toBe('RIFF some sound');
            if (kindOfStore === 'volume')
              expect(await collect(searchCaller(world.stores, '+15551212000'))).toHaveLength(1);
            return asleep;
          }),
        { makes: 'few' },
      );
      expect(calls).toBeGreaterThanOrEqual(3);
    },
    TIMEOUT_MS,
  );

  it(
    'at a forward, whose repetition is acknowledged while a sweep sleeps anywhere, loses nothing',
    async () => {
      await atEveryCall(kindOfStore, (nth) =>
        inWorld(async (world) => {
          await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
          const forward = (stores: TenantStores) => forwardMessage(stores, SOURCE, '42', 'e1', now);
          await expect(forward(dying(world, (key) => isMetadata(key) && key.includes('/42/')))).rejects.toThrow('died');
          await world.clock.advance(8 * DAY_MS);
          const asleep = interruptedAt(world, nth, async () => {
            await sweep(world.stores, lateMs(world));
            expect(await forward(world.stores)).toMatchObject({ target: { state: 'new' } });
          });
          await sweep(asleep.stores, lateMs(world));
          const [target] = await collect(listMessages(world.stores, '42'));
          if (asleep.happened()) expect(await textOf(world, target!)).toBe('RIFF some sound');
          return asleep;
        }),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'at a forward, that is taken back while the late attempt makes its target, loses nothing',
    async () => {
      await atEveryCall(kindOfStore, (nth) =>
        inWorld(async (world) => {
          await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
          const forward = (stores: TenantStores) => forwardMessage(stores, SOURCE, '42', 'e1', now);
          const gate = Promise.withResolvers<undefined>();
          const reached = Promise.withResolvers<undefined>();
          const late = forward(
            world.behind((store) =>
              withFaults(store, async ({ moment, operation, key }) => {
                if (
                  moment === 'after' ||
                  operation !== 'put' ||
                  !isMetadata(key ?? '') ||
                  key?.includes('/42/') !== true
                ) {
                  return;
                }
                reached.resolve(undefined);
                await gate.promise;
              }),
            ),
          );
          await reached.promise;
          const deleted = await deleteMessage(world.stores, '9876', 'm1', 'user', now);
          const asleep = interruptedAt(world, nth, async () => {
            gate.resolve(undefined);
            await late;
          });
          await forward(asleep.stores);
          gate.resolve(undefined);
          const outcome = await late;
          await eraseMessage(world.stores, deleted!);
          expect(outcome).toMatchObject({ target: { state: 'new' } });
          const [target] = await collect(listMessages(world.stores, '42'));
          expect(await textOf(world, target!)).toBe('RIFF some sound');
          return asleep;
        }),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'at a dead letter, whose repetition is acknowledged while a sweep sleeps anywhere, loses nothing',
    async () => {
      const record: RejectedRecord = {
        topic: 'voicemail.deposits',
        partition: 0,
        offset: 3,
        key: 't100/9876',
        value: Buffer.from('the sound of hanging up'),
        headers: { ce_id: 'm1' },
        takenAtMs: START,
        reason: 'conflict',
        detail: '',
        stagedKey: null,
        callerId: '+15551212000',
      };
      await atEveryCall(kindOfStore, (nth) =>
        inWorld(async (world) => {
          const home = (stores: TenantStores) => ({ tenant: stores, deployment: stores.master.store });
          const keep = (stores: TenantStores) => keepDeadLetter(home(stores), record, lateMs(world));
          const diesAt = (put: number) => keep(dying(world, (key) => key.endsWith('dead-letter.json'), put));
          await expect(diesAt(1)).rejects.toThrow('died');
          await world.clock.advance(2 * DAY_MS);
          await sweepDeadLetters(home(world.stores), sweepAt(lateMs(world)));
          await expect(diesAt(2)).rejects.toThrow('died');
          await world.clock.advance(2 * DAY_MS);
          const asleep = interruptedAt(world, nth, async () => {
            await sweepDeadLetters(home(world.stores), sweepAt(lateMs(world)));
            await keep(world.stores);
          });
          await sweepDeadLetters(home(asleep.stores), sweepAt(lateMs(world)));
          if (asleep.happened()) {
            const [letter] = await collect(listDeadLetters(home(world.stores)));
            expect(Buffer.from((await readRejected(home(world.stores), letter!))!)).toEqual(record.value);
            expect(await collect(searchCaller(world.stores, '+15551212000'))).toMatchObject([{ kind: 'dead-letter' }]);
          }
          return asleep;
        }),
      );
    },
    TIMEOUT_MS,
  );

  it(
    'leaves no recording that its caller does not find, whatever a sweep that sleeps takes for an entry of nothing',
    async () => {
      await atEveryCall(kindOfStore, (nth) =>
        inWorld(async (world) => {
          const isMedia = (key: string): boolean => key.endsWith('media.wav');
          await expect(storeDeposit(dying(world, isMedia), someDeposit(), now)).rejects.toThrow('died');
          await world.clock.advance(8 * DAY_MS);
          const later = new Date(START + 8 * DAY_MS).toISOString();
          const asleep = interruptedAt(world, nth, async () => {
            await sweep(world.stores, lateMs(world));
            await expect(storeDeposit(dying(world, isMetadata), someDeposit(), later)).rejects.toThrow('died');
          });
          await sweep(asleep.stores, lateMs(world));
          const isLeft = (await world.stores.master.store.head('t100/mailboxes/9876/messages/m1/media.wav')) !== null;
          const found = await collect(searchCaller(world.stores, '+15551212000'));
          expect(found.map(({ kind }) => kind)).toEqual(isLeft ? ['leftover'] : []);
          return asleep;
        }),
      );
    },
    TIMEOUT_MS,
  );
});
