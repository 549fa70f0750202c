import { join } from 'node:path';
import { isErrno } from './classify.ts';
import { StoreFault } from '../store-fault.ts';
import { IDENTITY_FILE, TEMPORARY_FOLDER } from './file-names.ts';
import { identityText, readIdentity, type IdentityObject, type SeenIdentity } from '../identity-object.ts';
import { makeFolder, type Volume } from './volume.ts';

/** For how long a store that was found to be itself is taken to be so. */
const TRUSTED_MS = 1000;

/** Tells whether what is mounted at the root is the store, before anything there is believed or changed. */
export interface Identity {
  /** @throws StoreFault `unavailable` when the volume is not the one it was; looks once a second at most. */
  assure(): Promise<void>;
  /** As `assure`, and looks now: before something is said to be absent, or made. */
  confirm(): Promise<void>;
}

const notTheStore = (why: string, cause?: unknown): StoreFault =>
  new StoreFault('unavailable', `the volume is not mounted / is not the one it was: ${why}`, { cause });

/** Remembers the identity for the life of the process. */
export function seenInMemory(): SeenIdentity {
  let seen: string | null = null;
  return {
    read: async () => seen,
    write: async (id) => {
      seen = id;
    },
  };
}

export function identity(volume: Volume, region: string, seen: SeenIdentity): Identity {
  const { clock, files, root } = volume;
  const path = join(root, IDENTITY_FILE);
  let known: string | null = null;
  let trustedUntilMs = Number.NEGATIVE_INFINITY;

  const read = async (): Promise<IdentityObject | null> => {
    let text;
    try {
      await using file = await files.open(path, 'r');
      text = await file.readFile('utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT', 'ENOTDIR')) return null;
      throw error;
    }
    try {
      return readIdentity(text);
    } catch (error) {
      throw notTheStore(`${IDENTITY_FILE} ${error instanceof Error ? error.message : 'cannot be read'}`, error);
    }
  };

  /** Makes the store. Of several processes that do so at once one makes the identity, and all go on with that one. */
  const make = async (): Promise<IdentityObject> => {
    await files.mkdir(join(root, TEMPORARY_FOLDER), { recursive: true });
    const made: IdentityObject = { id: volume.ids.uuid(), region };
    const temporary = volume.temporaryPath();
    await volume.writeNew(temporary, Buffer.from(identityText(made)), { sync: true });
    try {
      await files.link(temporary, path);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    await volume.unlinkIfThere(temporary);
    await volume.syncFolder(root);
    await volume.syncFolder(join(root, '..'));
    const there = await read();
    if (there === null) throw notTheStore('it went away while it was made');
    return there;
  };

  const look = async (): Promise<void> => {
    const remembered = known ?? (await seen.read());
    const there = (await read()) ?? (remembered === null ? await make() : null);
    if (there === null) throw notTheStore(`there is no ${IDENTITY_FILE} at ${root}`);
    if (there.region !== region) throw notTheStore(`${root} holds the store of region ${there.region}`);
    if (remembered !== null && there.id !== remembered) throw notTheStore(`${root} holds another store`);
    if (known === null) {
      if (remembered === null) await seen.write(there.id);
      known = there.id;
    }
    trustedUntilMs = clock.monotonicMs() + TRUSTED_MS;
  };

  const confirm = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      trustedUntilMs = Number.NEGATIVE_INFINITY;
      throw error;
    }
  };

  return {
    confirm,
    assure: async () => {
      if (clock.monotonicMs() < trustedUntilMs) return;
      await confirm();
      // A folder of temporaries that somebody cleaned away is made again, as the volume is the right one.
      await makeFolder(volume, join(root, TEMPORARY_FOLDER));
    },
  };
}
