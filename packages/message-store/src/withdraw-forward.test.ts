import { withFaults } from '@voicemail/object-store';
import { isLongForm } from '@voicemail/testing';
import { expect, it } from 'vitest';
import { atEveryCall, interruptedAt } from './contract/interrupted.ts';
import { EVERY_KIND, onStores } from './contract/store-kinds.ts';
import { storeDeposit } from './deposit.ts';
import { markMessage } from './forget-marks.ts';
import { forwardedId, forwardMessage } from './forward-message.ts';
import { listMarked, readMarkEntry } from './mark-index.ts';
import { openMedia, readMessage, readRecord } from './read-message.ts';
import { collect, someDeposit, START, type World } from './test-world.ts';
import type { TenantStores } from './tenant-stores.ts';
import { withdrawForward } from './withdraw-forward.ts';

const TIMEOUT_MS = 240_000;
const now = new Date(START).toISOString();
const SOURCE = { mailbox: '9876', messageId: 'm1' };
const COPY = { mailbox: '42', messageId: forwardedId('t100', SOURCE, '42', 'e1') };

const forward = (stores: TenantStores) => forwardMessage(stores, SOURCE, '42', 'e1', now);
const withdraw = (stores: TenantStores) => withdrawForward(stores, COPY, now);

/** The process dies there: before its copy's metadata is put, or right after. */
async function stops(world: World, where: 'before' | 'after'): Promise<void> {
  let isOver = false;
  const dying = world.behind((store) =>
    withFaults(store, ({ moment, operation, key }) => {
      isOver ||= moment === where && operation === 'put' && /\/42\/.*metadata\.json$/.test(key ?? '');
      if (isOver) throw new Error('the process died');
    }),
  );
  await expect(forward(dying)).rejects.toThrow('died');
}

onStores(
  'a forward of a marked message that stopped before its copy, and is taken back',
  EVERY_KIND,
  (open, [kind]) => {
    // On servers, where each takes seconds, the short form is two.
    const isFull = isLongForm() || kind === 'volume';
    const inWorld = async <T>(run: (world: World) => Promise<T>): Promise<T> => {
      const world = await open();
      try {
        await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
        await markMessage(world.stores, '9876', 'm1', 'f1', now);
        await stops(world, 'before');
        return await run(world);
      } finally {
        await world.remove();
      }
    };
    /** With its recording, and where the deletion rule finds it; nothing awaits it any more. */
    const expectCopy = async ({ stores }: World): Promise<void> => {
      const copy = (await readMessage(stores, COPY.mailbox, COPY.messageId))!.value;
      expect(Buffer.concat(await collect((await openMedia(stores, copy)).body)).toString()).toBe('RIFF some sound');
      const marked = (await collect(listMarked(stores))).map(({ value }) => value.mailbox);
      expect(marked.toSorted()).toEqual(['42', '9876']);
      if (kind !== 'Azure')
        expect((await readMarkEntry(stores, COPY))?.value).toEqual({ requestId: 'f1', notedAt: now });
    };

    it('leaves nothing but the claim, and comes whole when it is repeated', () =>
      inWorld(async (world) => {
        expect(await withdraw(world.stores)).toEqual({ standing: null, notErased: [] });
        expect((await readRecord(world.stores, COPY.mailbox, COPY.messageId))?.value).toMatchObject({
          reason: 'swept',
        });
        for (const { store } of world.stores.regions) {
          const left = (await collect(store.list('t100/'))).map(({ key }) => key).filter((key) => key.includes('/42/'));
          expect(left.filter((key) => !key.includes('caller_id') && !key.endsWith('metadata.json'))).toEqual([]);
        }
        await forward(world.stores);
        await expectCopy(world);
        expect(await withdraw(world.stores)).toMatchObject({ standing: { mailbox: '42', state: 'new' } });
        await expectCopy(world);
      }));

    it.runIf(isFull)(
      'while its repetition sleeps anywhere comes whole',
      async () => {
        await atEveryCall(kind, (nth) =>
          inWorld(async (world) => {
            const asleep = interruptedAt(world, nth, () => withdraw(world.stores));
            await forward(asleep.stores);
            await expectCopy(world);
            return asleep;
          }),
        );
      },
      TIMEOUT_MS,
    );

    it.runIf(isFull)(
      'twice, by one who took it back before, while its repetition sleeps anywhere comes whole',
      async () => {
        await atEveryCall(kind, (nth) =>
          inWorld(async (world) => {
            await withdraw(world.stores);
            const asleep = interruptedAt(world, nth, () => withdraw(world.stores));
            await forward(asleep.stores);
            await expectCopy(world);
            return asleep;
          }),
        );
      },
      TIMEOUT_MS,
    );

    for (const end of ['comes to its end', 'stops right after the copy'] as const) {
      it.runIf(isFull || (kind === 'S3' && end !== 'comes to its end'))(
        `by one who sleeps anywhere while its repetition ${end} comes whole`,
        async () => {
          await atEveryCall(
            kind,
            (nth) =>
              inWorld(async (world) => {
                const asleep = interruptedAt(world, nth, async () => {
                  if (end === 'comes to its end') await forward(world.stores);
                  else await stops(world, 'after');
                });
                await withdraw(asleep.stores);
                if (!asleep.happened()) return asleep;
                await forward(world.stores);
                await expectCopy(world);
                return asleep;
              }),
            { makes: 'few' },
          );
        },
        TIMEOUT_MS,
      );
    }
  },
);
