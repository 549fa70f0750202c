import { rm } from 'node:fs/promises';
import type { Ids } from '@voicemail/runtime';
import { z } from 'zod';
import type { DataFolder } from '../data-folder/data-folder.ts';
import { readText, writePrivately } from '../data-folder/private-file.ts';

const Owner = z.object({
  pid: z.int().positive(),
  /** What it is doing: `start`, or the name of a command. */
  command: z.string(),
  /** Where it serves; null while it does not, or serves its own command alone. */
  url: z.string().nullable(),
});

/** The process that owns a data folder, as it says itself. What decides is its lock on the log; this tells who it is. */
export type Owner = z.output<typeof Owner>;

/** A data folder has one owner at a time, and another process is it. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
  readonly owner: Owner | null;

  constructor(data: DataFolder, owner: Owner | null) {
    super(`The data folder ${data.root} is in use ${describe(owner)}`);
    this.owner = owner;
  }
}

function describe(owner: Owner | null): string {
  if (owner === null) return 'by another process: stop that one first, or set DATA_DIR to another folder.';
  const who = `by process ${owner.pid} (voicemail ${owner.command})`;
  return owner.url === null
    ? `${who}: try again when that one is done, or set DATA_DIR to another folder.`
    : `${who}, which serves ${owner.url}: use that one, stop it first, or set DATA_DIR to another folder.`;
}

/** Who said last that it owns the folder; it may be gone since. */
export async function readOwner(data: DataFolder): Promise<Owner | null> {
  const text = await readText(data.owner);
  if (text === null) return null;
  const read = Owner.safeParse(parse(text));
  return read.success ? read.data : null;
}

export function writeOwner(data: DataFolder, owner: Owner, ids: Pick<Ids, 'token'>): Promise<void> {
  return writePrivately(data.owner, `${JSON.stringify(owner)}\n`, ids);
}

export function removeOwner(data: DataFolder): Promise<void> {
  return rm(data.owner, { force: true });
}

/** Whether there is a process of this number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One that may not be signalled is there all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
