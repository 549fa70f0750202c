import { join } from 'node:path';

/** What lies in `DATA_DIR`: everything that the embedded mode keeps. */
export interface DataFolder {
  /** Absolute. A volume's root in the tenants' file may be written relative to it, so that the folder can be moved. */
  readonly root: string;
  readonly log: string;
  readonly mwi: string;
  /** The deployment's own store, for what belongs to no tenant. */
  readonly deployment: string;
  readonly tenants: string;
  readonly token: string;
  readonly callerHashKey: string;
  /** Who owns the folder now. */
  readonly owner: string;
  /** What was learned of the stores and must outlive them. */
  readonly seen: string;
}

export function dataFolder(root: string): DataFolder {
  return {
    root,
    log: join(root, 'log.sqlite'),
    mwi: join(root, 'mwi.sqlite'),
    deployment: join(root, 'deployment'),
    tenants: join(root, 'tenants.json'),
    token: join(root, 'token'),
    callerHashKey: join(root, 'caller-hash.key'),
    owner: join(root, 'server.json'),
    seen: join(root, 'seen'),
  };
}
