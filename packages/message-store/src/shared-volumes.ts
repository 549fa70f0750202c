import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { memoryFolder, temporaryStore } from '@voicemail/object-store/testing';
import { openWorld, START, type OpenOwnStore, type World } from './test-world.ts';

/** A world on volumes that a publisher shares. */
export interface SharedVolumes {
  readonly world: World;
  /** Lays a file under a key, as a publisher does that knows nothing of versions; it was last written at that time. */
  lay(region: string, key: string, text: string, atMs?: number): Promise<void>;
  /** Where the file under a key is. */
  pathOf(region: string, key: string): string;
}

/** @param startMs what the world's clock begins with; a volume says by its own when a file came there. */
export async function openSharedVolumes(startMs = START): Promise<SharedVolumes> {
  const roots = new Map<string, string>();
  const openVolume: OpenOwnStore = async (region, clock) => {
    const made = await temporaryStore({ region, clock }, memoryFolder());
    roots.set(region, made.root);
    return made;
  };
  const world = await openWorld({ westus2: openVolume, westeurope: openVolume }, startMs);
  const pathOf: SharedVolumes['pathOf'] = (region, key) => join(roots.get(region) ?? '', key);
  return {
    world,
    pathOf,
    lay: async (region, key, text, atMs = world.clock.now()) => {
      const path = pathOf(region, key);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      await utimes(path, atMs / 1000, atMs / 1000);
    },
  };
}
