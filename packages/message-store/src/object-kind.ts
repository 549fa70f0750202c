import {
  callerHashCheckKey,
  callerIndexPrefix,
  DEAD_LETTERS,
  deadLettersPrefix,
  marksPrefix,
  ownerOf,
} from './keys.ts';

/** What an object of a tenant is, by its key. */
export type ObjectKind =
  | 'media'
  | 'metadata'
  | 'caller entry'
  | 'mark entry'
  /** A dead letter's record or description, or its entry in the caller index: they lie where the letter is kept. */
  | 'dead letter'
  | 'master mark'
  /** What `voicemail doctor` writes to see that it can. */
  | 'probe'
  /** Any other: it lies in the master region, as mailbox settings do. */
  | 'document';

/** @param key below `<tenant>/`. */
export function kindOf(tenant: string, key: string): ObjectKind {
  if (key === callerHashCheckKey(tenant)) return 'master mark';
  if (key.startsWith(`${tenant}/probes/`)) return 'probe';
  if (key.startsWith(deadLettersPrefix(tenant))) return 'dead letter';
  if (key.startsWith(marksPrefix(tenant))) return 'mark entry';
  if (key.startsWith(callerIndexPrefix(tenant))) {
    return key.split('/').at(-2) === DEAD_LETTERS ? 'dead letter' : 'caller entry';
  }
  const owner = ownerOf(tenant, key);
  if (owner === null) return 'document';
  return owner.isMedia ? 'media' : 'metadata';
}
