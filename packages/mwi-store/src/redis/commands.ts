import { readFileSync } from 'node:fs';
import type { Cluster, Redis } from 'ioredis';
import type { LampReply } from './lamp-text.ts';
import { inOneWrite } from './one-write.ts';

type Argument = string | number;
type Script<Reply> = (keys: readonly string[], ...args: readonly Argument[]) => Promise<Reply>;

/** The scripts, by what each does; their files say what they take and return. */
export interface Commands {
  readonly applyFacts: Script<LampReply | null>;
  readonly beginRecount: Script<null>;
  readonly mergeRecount: Script<readonly [drift: number, ...LampReply] | null>;
  readonly markPublished: Script<number>;
  readonly makeUnknown: Script<number>;
  readonly readLamp: Script<LampReply>;
  readonly readEntries: Script<readonly string[]>;
  readonly purgeGone: Script<readonly [cursor: string, forgotten: number]>;
  readonly beginSweep: Script<null>;
  readonly endSweep: Script<null>;
  readonly readIndex: Script<readonly string[] | null>;
  readonly readUnsettled: Script<readonly string[] | null>;
  readonly noteUnsettled: Script<null>;
  readonly dropSettled: Script<null>;
}

const MAILBOX_KEYS = 3;
const INDEX_KEYS = 1;

const load = (name: string): string => readFileSync(new URL(`./commands/${name}.lua`, import.meta.url), 'utf8');

/** Makes the scripts known to a client, which sends each one's text where a server has not seen it yet. */
export function defineCommands(client: Redis | Cluster): Commands {
  const history = load('history');
  const [mailbox, index] = [history + load('mailbox'), history + load('index')];
  const define = <Reply>(name: string, beginning: string, numberOfKeys: number): Script<Reply> => {
    client.defineCommand(name, { numberOfKeys, lua: beginning + load(name) });
    const call = (client as unknown as Record<string, (...args: readonly Argument[]) => Promise<Reply>>)[name];
    if (call === undefined) throw new Error(`the client did not take the script ${name}`);
    return (keys, ...args) => {
      inOneWrite(client);
      return call.call(client, ...keys, ...args);
    };
  };
  const ofMailbox = <Reply>(name: string) => define<Reply>(name, mailbox, MAILBOX_KEYS);
  const ofIndex = <Reply>(name: string) => define<Reply>(name, index, INDEX_KEYS);
  return {
    applyFacts: ofMailbox('apply-facts'),
    beginRecount: ofMailbox('begin-recount'),
    mergeRecount: ofMailbox('merge-recount'),
    markPublished: ofMailbox('mark-published'),
    makeUnknown: ofMailbox('make-unknown'),
    readLamp: ofMailbox('read-lamp'),
    readEntries: ofMailbox('read-entries'),
    purgeGone: ofMailbox('purge-gone'),
    beginSweep: ofIndex('begin-sweep'),
    endSweep: ofIndex('end-sweep'),
    readIndex: ofIndex('read-index'),
    readUnsettled: ofIndex('read-unsettled'),
    noteUnsettled: ofIndex('note-unsettled'),
    dropSettled: ofIndex('drop-settled'),
  };
}
