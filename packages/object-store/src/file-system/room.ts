import { StoreFault } from '../store-fault.ts';
import type { Volume } from './volume.ts';

const PROBE_BYTES = 4096;
/** What an object takes beside its bytes: its claim and folders, and the plain copy of a small one. */
const OBJECT_OVERHEAD_BYTES = 128 * 1024;

/** Whether the volume takes writes, and has room for what it last refused. */
export interface Room {
  /** Remembers that there was no room for so many bytes. */
  readonly refused: (bytes: number) => void;
  /** Remembers that so many bytes found room. */
  readonly taken: (bytes: number) => void;
  /** @throws StoreFault `full` while what was refused would be refused again; any other when the volume takes no writes. */
  readonly check: () => Promise<void>;
}

export function room(volume: Volume): Room {
  let wantedBytes: number | null = null;

  const probe = async (): Promise<void> => {
    const path = volume.temporaryPath();
    try {
      await volume.writeNew(path, Buffer.alloc(PROBE_BYTES), { sync: true });
    } finally {
      await volume.unlinkIfThere(path);
    }
  };

  return {
    refused: (bytes) => {
      wantedBytes = Math.max(bytes, wantedBytes ?? 0);
    },
    taken: (bytes) => {
      if (wantedBytes !== null && bytes >= wantedBytes) wantedBytes = null;
    },
    check: async () => {
      await probe();
      if (wantedBytes === null) return;
      const found = await volume.files.statfs(volume.root);
      const free = found.bavail * found.bsize;
      const noNames = found.files > 0 && found.ffree === 0;
      const needed = wantedBytes + OBJECT_OVERHEAD_BYTES;
      if (free < needed || noNames) {
        const what = noNames ? 'no names are left' : `${free} bytes are free, ${needed} are needed`;
        throw new StoreFault('full', `the volume refused a write, and would again: ${what}`);
      }
      wantedBytes = null;
    },
  };
}
