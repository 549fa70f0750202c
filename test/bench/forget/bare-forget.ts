import {
  callerIndexKey,
  callerPrefix,
  markKey,
  marksPrefix,
  mediaKey,
  metadataKey,
} from '../../../packages/message-store/src/keys.ts';
import { concurrently } from '../load/concurrently.ts';
import { TENANT } from '../stored/parts.ts';
import type { MessageName } from '../stored/message-objects.ts';
import type { BareCalls } from './bare-calls.ts';

/** As in the work on requests. */
const AT_ONCE = 16;
/** As long as what is written is: the entry of a mark, marked metadata, a stub. */
const ENTRY = Buffer.alloc(90, 'e');
const METADATA = Buffer.alloc(760, 'm');
const STUB = Buffer.alloc(220, 's');

/** Forgets one caller's messages as bare as it can be done: the calls that the order of the protocol needs, with nothing checked and nothing told. */
export interface BareForget {
  mark(): Promise<void>;
  /** What the rule does, and the searches after it. */
  erase(): Promise<void>;
}

/** @param hash of the caller. @param names of its messages. */
export function bareForget(calls: BareCalls, hash: string, names: readonly MessageName[]): BareForget {
  const tags = { caller_id: hash, forgetme: 'true' };
  const etags = new Map<string, string>();
  const metadataOf = ({ mailbox, messageId }: MessageName): string => metadataKey(TENANT, mailbox, messageId);
  const mediaOf = ({ mailbox, messageId }: MessageName): string => mediaKey(TENANT, mailbox, messageId, 'wav');
  const entryOf = ({ mailbox, messageId }: MessageName): string => markKey(TENANT, mailbox, messageId);
  const read = async (name: MessageName): Promise<void> => {
    const etag = await calls.get(metadataOf(name));
    if (etag === null) throw new Error('a message was placed, and is not there');
    etags.set(name.messageId, etag);
  };
  const each = (work: (name: MessageName) => Promise<unknown>): Promise<void> =>
    concurrently(names.length, AT_ONCE, async (index) => {
      const name = names[index];
      if (name !== undefined) await work(name);
    });
  const search = async (lookAt: (name: MessageName) => Promise<void>): Promise<void> => {
    await listed(calls, callerPrefix(TENANT, hash), names.length);
    await each(({ mailbox, messageId }) => calls.get(callerIndexKey(TENANT, hash, mailbox, messageId)));
    await each(lookAt);
  };
  const lookForRest = async (name: MessageName): Promise<void> => {
    await read(name);
    // The entry tells of a recording: it is gone only if nothing lies there.
    await calls.head(mediaOf(name));
  };
  return {
    mark: async () => {
      await search(read);
      await each(async (name) => {
        await calls.put(entryOf(name), ENTRY, null, {});
        await calls.put(metadataOf(name), METADATA, etags.get(name.messageId) ?? '', tags);
        await calls.tag(mediaOf(name), tags);
        // Whether the mark still stands that the recording's tag goes by.
        await read(name);
      });
      // Whatever was deposited by an older list of forgotten callers is there by now.
      await search(read);
    },
    erase: async () => {
      await listed(calls, marksPrefix(TENANT), names.length);
      await each(read);
      await each(async (name) => {
        await calls.put(metadataOf(name), STUB, etags.get(name.messageId) ?? '', {});
        await calls.erase(mediaOf(name));
        await calls.purge?.(metadataOf(name));
        await calls.erase(entryOf(name));
      });
      // Once after the rule, and once more when nobody stores anything of the caller any longer.
      for (let times = 0; times < 2; times += 1) await search(lookForRest);
    },
  };
}

async function listed(calls: BareCalls, prefix: string, count: number): Promise<void> {
  const keys = await Array.fromAsync(calls.list(prefix));
  if (keys.length !== count) throw new Error(`${keys.length} objects are listed, and ${count} were put`);
}
