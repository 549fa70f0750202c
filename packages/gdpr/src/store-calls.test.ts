import type { TenantStores } from '@voicemail/message-store';
import { withFaults } from '@voicemail/object-store';
import { describe, expect, it } from 'vitest';
import { CALLER, DAY_MS, openGdprWorld, request, type GdprWorld } from './testing/gdpr-world.ts';

/** The same stores, each call for something of a message noted. */
function noting(world: GdprWorld): { readonly stores: TenantStores; readonly calls: string[] } {
  const calls: string[] = [];
  const stores = world.world.behind((store) =>
    withFaults(store, ({ moment, operation, key }) => {
      if (moment === 'before' && key?.split('/').at(-1) === 'm1') calls.push(`${operation} ${key.split('/')[2]}`);
      else if (moment === 'before' && key?.includes('/m1/') === true)
        calls.push(`${operation} ${key.split('/').at(-1)}`);
    }),
  );
  return { stores, calls };
}

describe('what a forgotten message asks of its store', () => {
  it('is found twice, and marked as it was found, with one look after it', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, calls } = noting(world);
    const worker = world.worker({ stores });
    const at = new Date(world.clock.now()).toISOString();
    await worker.gdpr.take(stores, request('f1', 'forgetme', at, CALLER), at);
    await worker.work();
    const found = ['get caller_id', 'get metadata.json'];
    const marked = ['put forgetme', 'put metadata.json', 'tag media.wav'];
    expect(calls).toEqual([...found, ...marked, 'get metadata.json', ...found]);
  });

  it('is looked at as it is deleted, and by two searches after that', async () => {
    await using world = await openGdprWorld();
    await world.deposit();
    const { stores, calls } = noting(world);
    const worker = world.worker({ stores });
    const at = new Date(world.clock.now()).toISOString();
    await worker.gdpr.take(stores, request('f1', 'forgetme', at, CALLER), at);
    await worker.work();
    await world.clock.advance(DAY_MS);
    calls.splice(0);
    await worker.rule();
    const erased = ['get metadata.json', 'put metadata.json', 'delete media.wav', 'delete forgetme'];
    const searched = ['get caller_id', 'get metadata.json', 'head media.wav'];
    expect(calls).toEqual(['get metadata.json', ...erased, ...searched, ...searched]);
  });
});
