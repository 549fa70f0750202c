import { join } from 'node:path';
import { parseClaimName, type VersionsFolder } from './chain.ts';
import type { Volume } from './volume.ts';

/**
 * Takes away what is left of chains that nothing can follow any more: one that ended, claims that lost. Safe at any time
 * and by any number at once, as none of these names is ever used again. A chain's `end` goes last: while it is there, no
 * slow writer can add to the chain, and afterwards the version that he would add to is gone.
 */
export async function clearEnded(volume: Volume, versionsPath: string, folder: VersionsFolder): Promise<void> {
  const stray = folder.others.map(parseClaimName).filter((claim) => claim !== null);
  const claims = [...stray, ...folder.superseded, ...(folder.highest === null ? [] : [folder.highest])];
  claims.sort((a, b) => a.number - b.number);
  const data = folder.others.filter((name) => parseClaimName(name) === null);
  for (const name of [...data, ...claims.map((claim) => claim.name)]) {
    await volume.unlinkIfThere(join(versionsPath, name));
  }
}
