import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { manualClock } from '@voicemail/runtime';
import { tempFolder } from '@voicemail/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { credentials, type Credentials } from './credentials.ts';

const LATER_MS = 2_000;
const clock = manualClock(0);
let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
});

const pair = (id: string, secret = `secret of ${id}`) => ({ accessKeyId: id, secretAccessKey: secret });
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
const writePair = async (id: string): Promise<void> => {
  await write('access_key', `${id}\n`);
  await write('secret_key', `secret of ${id}\n`);
};
const later = async (made: Credentials): Promise<unknown> => {
  await clock.advance(LATER_MS);
  return made.present();
};

describe('a folder with a pair of keys', () => {
  it('is read again while in use', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    expect(await made.present()).toEqual(pair('old'));
    await writePair('new');
    expect(await made.present()).toEqual(pair('old'));
    expect(await later(made)).toEqual(pair('new'));
  });

  it('may hold a session’s token too', async () => {
    await writePair('old');
    await write('session_token', 'token');
    expect(await credentials(folder, clock).present()).toEqual({ ...pair('old'), sessionToken: 'token' });
  });

  it('of which one half is new goes on as it was, until the other half comes', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    await made.present();
    await write('access_key', 'new');
    expect(await later(made)).toEqual(pair('old'));
    await write('secret_key', 'secret of new');
    expect(await later(made)).toEqual(pair('new'));
  });

  it('of which one half stays new is taken at the second look', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    await made.present();
    await write('secret_key', 'another');
    expect(await later(made)).toEqual(pair('old'));
    expect(await later(made)).toEqual(pair('old', 'another'));
  });

  it('that cannot be read just now goes on as it was', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    await made.present();
    await rm(join(folder, 'secret_key'));
    expect(await later(made)).toEqual(pair('old'));
    await write('secret_key', '');
    expect(await later(made)).toEqual(pair('old'));
  });

  it('is exchanged as a whole by a link, as a mounted secret is', async () => {
    const version = async (name: string, id: string): Promise<void> => {
      await mkdir(join(folder, name));
      await write(`${name}/access_key`, id);
      await write(`${name}/secret_key`, `secret of ${id}`);
      await symlink(name, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    };
    await version('..1', 'old');
    for (const name of ['access_key', 'secret_key']) await symlink(join('..data', name), join(folder, name));
    const made = credentials(folder, clock);
    expect(await made.present()).toEqual(pair('old'));
    await version('..2', 'new');
    await rm(join(folder, '..1'), { recursive: true });
    expect(await later(made)).toEqual(pair('new'));
  });
});

describe('credentials that were refused', () => {
  it('are read at once, and whether there are others is told', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    const refused = await made.present();
    expect(await made.changedSince(refused)).toBe(false);
    await writePair('new');
    expect(await made.changedSince(refused)).toBe(true);
    expect(await made.present()).toEqual(pair('new'));
    expect(await made.changedSince(refused)).toBe(true);
  });

  it('are waited for where only one half of a pair was new', async () => {
    await writePair('old');
    const made = credentials(folder, clock);
    const old = await made.present();
    await write('access_key', 'new');
    expect(await made.changedSince(old)).toBe(true);
    const half = await made.present();
    expect(half).toEqual(pair('new', 'secret of old'));
    const answers: boolean[] = [];
    void made.changedSince(half).then((answer) => answers.push(answer));
    await write('secret_key', 'secret of new');
    while (answers.length === 0) await clock.advance(50);
    expect(answers).toEqual([true]);
    expect(await made.present()).toEqual(pair('new'));
  });
});

describe('a shared credentials file', () => {
  const profile = (id: string): string =>
    `# keys\n[default]\naws_access_key_id=${id}\naws_secret_access_key = secret of ${id}\n`;

  it('is read again while in use, and only its default profile', async () => {
    await write('credentials', `[other]\naws_access_key_id = nobody\naws_secret_access_key = none\n${profile('old')}`);
    const made = credentials(join(folder, 'credentials'), clock);
    expect(await made.present()).toMatchObject(pair('old'));
    await write('credentials', profile('new'));
    expect(await later(made)).toMatchObject(pair('new'));
  });

  it('that is not there, or not whole, is named', async () => {
    const path = join(folder, 'credentials');
    const refused = (what: string) => ({ kind: 'permission-denied', message: `the credentials file ${what}` });
    await expect(credentials(path, clock).present()).rejects.toMatchObject(refused(`${path} is not there`));
    await write('credentials', '[default]\naws_access_key_id = half\n');
    await expect(credentials(path, clock).present()).rejects.toMatchObject(
      refused(`${path} has no whole profile "default"`),
    );
    await write('access_key', 'half');
    const missing = `${join(folder, 'secret_key')} is not there`;
    await expect(credentials(folder, clock).present()).rejects.toMatchObject(refused(missing));
  });
});
