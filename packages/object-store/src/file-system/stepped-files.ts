import type { FileHandle } from 'node:fs/promises';
import { nodeFileOperations, type FileOperations } from './file-operations.ts';

/** One operation on a volume, about to happen. */
export interface FileStep {
  /** Which of those that change something it is, from 1; null for one that only looks, or only waits for the disk. */
  readonly number: number | null;
  /** `link`, `open`, `sync`, … */
  readonly operation: string;
  /** The path it is about; of two the one that is made or replaced. */
  readonly path: string;
}

/** Is asked before every step: throw to let it fail there, return a promise to delay it. */
export type OnFileStep = (step: FileStep) => void | Promise<void>;

const CHANGING = new Set(['link', 'mkdir', 'rename', 'rmdir', 'truncate', 'unlink', 'utimes', 'write', 'writeFile']);

const isChange = (operation: string, parameters: readonly unknown[]): boolean =>
  CHANGING.has(operation) || (operation === 'open' && parameters[1] === 'wx');

const pathOf = (operation: string, parameters: readonly unknown[]): string =>
  String(operation === 'link' || operation === 'rename' ? parameters[1] : parameters[0]);

/** The volume's operations with a word before each, so that a test can stop a writer between any two of them. */
export function steppedFiles(onStep: OnFileStep): FileOperations {
  let changes = 0;
  const step = async (operation: string, path: string, parameters: readonly unknown[]): Promise<void> => {
    const number = isChange(operation, parameters) ? ++changes : null;
    await onStep({ number, operation, path });
  };
  const steppedHandle = (handle: FileHandle, path: string): FileHandle =>
    new Proxy(handle, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        // Closing is what the system does for a process that dies; a stream is no answer that could be waited for.
        if (typeof name === 'symbol' || name === 'close' || name === 'createReadStream') return value.bind(target);
        return async (...parameters: unknown[]): Promise<unknown> => {
          await step(name, path, parameters);
          return Reflect.apply(value, target, parameters);
        };
      },
    });
  return new Proxy(nodeFileOperations, {
    get: (target, name, receiver) => {
      const operation = String(name);
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]): Promise<unknown> => {
        const path = pathOf(operation, parameters);
        await step(operation, path, parameters);
        const answer: unknown = await Reflect.apply(value, target, parameters);
        return operation === 'open' ? steppedHandle(answer as FileHandle, path) : answer;
      };
    },
  });
}

export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The operations of a process that dies right after its n-th change: nothing happens any more. */
export function filesUntil(lastChange: number): FileOperations {
  let isDead = false;
  return steppedFiles(({ number }) => {
    isDead ||= number !== null && number > lastChange;
    if (isDead) throw new Killed('the process is dead');
  });
}
