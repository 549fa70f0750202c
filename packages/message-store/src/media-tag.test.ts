import { azureContainer, memoryFolder, temporaryStore } from '@voicemail/object-store/testing';
import { azureServer, faultProxy, faults, whenAvailable, type AzureServer } from '@voicemail/testing';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { storeDeposit } from './deposit.ts';
import { markMessage, unmarkMessage } from './forget-marks.ts';
import { mediaKey } from './keys.ts';
import { openWorld, someDeposit, START, type World } from './test-world.ts';

const now = new Date(START).toISOString();
const MEDIA = mediaKey('t100', '9876', 'm1', 'wav');
const CALLER = { caller_id: '+15551212000' };
const MARKED = { ...CALLER, forgetme: 'true' };

whenAvailable(await azureServer(), 'a recording on Azure that is marked by halves', (start) => {
  let server: AzureServer;
  let container: Awaited<ReturnType<typeof azureContainer>>;
  let proxy: Awaited<ReturnType<typeof faultProxy>>;
  let world: World;

  beforeAll(async () => {
    server = await start();
  });
  beforeEach(async () => {
    container = await azureContainer(server);
    proxy = await faultProxy(server.url);
    world = await openWorld({
      westus2: (region, clock) => temporaryStore({ region, clock }, memoryFolder()),
      westeurope: async () => ({ store: await container.open({}, proxy.url), dispose: () => container.dispose() }),
    });
    await storeDeposit(world.stores, someDeposit({ region: 'westeurope' }), now);
  });
  afterEach(() => world.remove());

  const mark = () => markMessage(world.stores, '9876', 'm1', 'one', now);
  const unmark = () => unmarkMessage(world.stores, '9876', 'm1', 'one', now);
  /** What the account's own rule goes by. */
  const indexed = async () => (await container.client.getBlobClient(MEDIA).getTags()).tags;
  const dieBefore = (step: { readonly path: string; readonly nth?: number }) =>
    proxy.inject({ method: 'PUT', ...step }, faults.resetBeforeRequest());
  const TAGS = { path: 'comp=tags' };
  const END = { path: 'comp=metadata', nth: 2 };

  it.each([TAGS, END])('is marked whole when the request comes again (died before %o)', async (step) => {
    dieBefore(step);
    await expect(mark()).rejects.toMatchObject({ kind: 'unavailable' });
    await mark();
    expect(await indexed()).toEqual(MARKED);
    expect(await world.stores.regions[1]?.store.head(MEDIA)).toMatchObject({ tags: MARKED });
  });

  it.each([TAGS, END])('is not marked any more when the request is taken back (died before %o)', async (step) => {
    dieBefore(step);
    await expect(mark()).rejects.toMatchObject({ kind: 'unavailable' });
    await unmark();
    expect(await indexed()).toEqual(CALLER);
  });

  it.each([TAGS, END])('is marked again after it was unmarked by halves (died before %o)', async (step) => {
    await mark();
    dieBefore(step);
    await expect(unmark()).rejects.toMatchObject({ kind: 'unavailable' });
    await mark();
    expect(await indexed()).toEqual(MARKED);
  });
});
