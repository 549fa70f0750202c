import type { Context } from '../figure.ts';
import { memoryFolder } from '../stored/memory-folder.ts';

/** Folders for what stands for a region's store, in memory where there is room: then a disk that is slow for others is in no figure. */
export interface Volume extends AsyncDisposable {
  readonly folder: () => Promise<string>;
  /** In words. */
  readonly where: string;
}

/** @param messages about so many are stored, each of 48 KiB with what belongs to it. */
export async function volume(context: Context, messages: number): Promise<Volume> {
  const inMemory = await memoryFolder(messages);
  return {
    folder: inMemory?.folder ?? context.folder,
    where: inMemory === null ? 'on disk' : 'in memory',
    [Symbol.asyncDispose]: async () => inMemory?.[Symbol.asyncDispose](),
  };
}
