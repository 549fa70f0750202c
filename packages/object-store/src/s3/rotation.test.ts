import { writeFile } from 'node:fs/promises';
import { afterTest, s3Server, whenAvailable, type S3Server } from '@voicemail/testing';
import { beforeAll, expect, it, vi } from 'vitest';
import { bucketOn, profileOf } from './server-bucket.ts';

const TEXT = { contentType: 'text/plain' };
const OLD = { accessKey: 'old', secretKey: 'secret of old' };
const NEW = { accessKey: 'new', secretKey: 'secret of new' };
const accounts = (...keys: readonly (typeof OLD)[]): Readonly<Record<string, string>> =>
  Object.fromEntries(keys.map(({ accessKey, secretKey }) => [accessKey, secretKey]));

whenAvailable(await s3Server(), 'keys to S3 that are exchanged', (start) => {
  let server: S3Server;
  beforeAll(async () => {
    server = await start({ accounts: true });
  });

  /** A store that is used all the time, by keys in a file. */
  const open = async () => {
    await server.setAccounts(accounts(OLD));
    const bucket = await bucketOn(server);
    await afterTest(() => bucket.dispose());
    const file = await bucket.secret('credentials', profileOf(OLD));
    const store = await bucket.open({ credentialsFile: file });
    await store.put('a', Buffer.from('x'), TEXT);
    return { store, file, bucket };
  };

  it('in a file are taken up without a request that fails, while both are good', { timeout: 30_000 }, async () => {
    const { store, file } = await open();
    await server.setAccounts(accounts(OLD, NEW));
    await writeFile(file, profileOf(NEW));
    let requests = 0;
    const done = new AbortController();
    const users = Array.from({ length: 4 }, async () => {
      for (; !done.signal.aborted; requests += 1) expect((await store.get('a'))?.info.size).toBe(1);
    });
    // The old key goes at once after the new one is there: what is signed with it is refused, and made again.
    await vi.waitFor(() => expect(requests).toBeGreaterThan(50), { timeout: 20_000 });
    await server.setAccounts(accounts(NEW));
    const before = requests;
    await vi.waitFor(() => expect(requests).toBeGreaterThan(before + 50), { timeout: 20_000 });
    done.abort();
    await Promise.all(users);
  });

  it('in two files, of which one is written after the other, fail nothing even if the old pair is refused', async () => {
    const { bucket } = await open();
    const path = await bucket.secret('access_key', OLD.accessKey);
    await bucket.secret('secret_key', OLD.secretKey);
    const store = await bucket.open({ credentialsFile: path.slice(0, -'/access_key'.length) });
    expect((await store.head('a'))?.size).toBe(1);
    await bucket.secret('access_key', NEW.accessKey);
    await server.setAccounts(accounts(NEW));
    const reading = store.get('a');
    await bucket.secret('secret_key', NEW.secretKey);
    expect((await reading)?.info.size).toBe(1);
  });

  it('that are wrong are refused, with a word for it, until they are right', async () => {
    const { store, file } = await open();
    await writeFile(file, profileOf({ ...OLD, secretKey: 'another' }));
    const wrong = await openAgain();
    const refused = { kind: 'permission-denied', message: expect.stringContaining('secret key') as string };
    await expect(wrong.get('a')).rejects.toMatchObject(refused);
    await expect(wrong.head('a')).rejects.toMatchObject(refused);
    await expect(wrong.put('b', Buffer.from('x'), TEXT)).rejects.toMatchObject(refused);
    await writeFile(file, profileOf(NEW));
    const unknown = { kind: 'permission-denied', message: expect.stringContaining('access key') as string };
    await expect(wrong.head('a')).rejects.toMatchObject(unknown);
    await writeFile(file, profileOf(OLD));
    expect((await wrong.head('a'))?.size).toBe(1);
    expect(await wrong.head('none')).toBeNull();
    expect((await store.head('a'))?.size).toBe(1);

    async function openAgain() {
      const bucket = await bucketOn(server);
      await afterTest(() => bucket.dispose());
      await bucket.client.putObject({ Bucket: bucket.name, Key: 'a', Body: 'x' });
      return bucket.open({ credentialsFile: file });
    }
  });

  it('of which there is no file are refused by every call, and the file is named', async () => {
    const { bucket, file } = await open();
    const store = await bucket.open({ credentialsFile: `${file}.none` });
    const refused = {
      kind: 'permission-denied',
      message: expect.stringContaining(`${file}.none is not there`) as string,
    };
    await expect(store.head('a')).rejects.toMatchObject(refused);
    await expect(store.check()).rejects.toMatchObject(refused);
    await writeFile(`${file}.none`, profileOf(OLD));
    expect((await store.head('a'))?.size).toBe(1);
  });
});
