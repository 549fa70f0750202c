import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a text was found. */
export interface Hit {
  readonly needle: string;
  /** In which spelling. */
  readonly form: string;
  readonly file: string;
  /** The first byte in the file, or that it is the file's name. */
  readonly at: number | 'name';
}

interface Form {
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Looks for texts in the bytes and the names of every file below the folders (a file may be given too), in all spellings in which data gets written:
 * UTF-8, UTF-16, hexadecimal, percent-encoded, JSON-escaped, and base64 at each of the three alignments. Finds each text once a spelling and file.
 * Texts shorter than `MIN_NEEDLE_BYTES` are refused: they would be found by chance.
 */
export async function searchBytes(needles: readonly string[], roots: readonly string[]): Promise<readonly Hit[]> {
  const forms = needles.map((needle) => ({ needle, forms: formsOf(needle) }));
  const hits: Hit[] = [];
  for (const root of roots) {
    for (const file of await filesBelow(root)) {
      const bytes = await bytesOf(file.path);
      for (const { needle, forms: spellings } of forms) {
        for (const { form, bytes: wanted } of spellings) {
          const at = bytes.indexOf(wanted);
          if (at >= 0) hits.push({ needle, form, file: file.path, at });
          if (Buffer.from(file.name).includes(wanted)) hits.push({ needle, form, file: file.path, at: 'name' });
        }
      }
    }
  }
  return hits;
}

/** The same search in a text: the output of a process, a page of metrics. */
export function searchText(needles: readonly string[], text: string): readonly Omit<Hit, 'file'>[] {
  const bytes = Buffer.from(text);
  return needles.flatMap((needle) =>
    formsOf(needle).flatMap(({ form, bytes: wanted }) => {
      const at = bytes.indexOf(wanted);
      return at < 0 ? [] : [{ needle, form, at }];
    }),
  );
}

export const MIN_NEEDLE_BYTES = 5;

function formsOf(needle: string): readonly Form[] {
  const utf8 = Buffer.from(needle);
  if (utf8.length < MIN_NEEDLE_BYTES) throw new Error(`"${needle}" is too short to be looked for`);
  const utf16 = Buffer.from(needle, 'utf16le');
  const forms: Form[] = [
    { form: 'utf-8', bytes: utf8 },
    { form: 'utf-16le', bytes: utf16 },
    { form: 'utf-16be', bytes: Buffer.from(utf16).swap16() },
    { form: 'hex', bytes: Buffer.from(utf8.toString('hex')) },
    { form: 'HEX', bytes: Buffer.from(utf8.toString('hex').toUpperCase()) },
    { form: 'percent-encoded', bytes: Buffer.from(encodeURIComponent(needle)) },
    { form: 'json', bytes: Buffer.from(JSON.stringify(needle).slice(1, -1)) },
    ...[0, 1, 2].flatMap((shift) => base64Forms(utf8, shift)),
  ];
  return forms.filter((form, index) => forms.findIndex((other) => other.bytes.equals(form.bytes)) === index);
}

/** The characters of base64 that depend on the text alone when `shift` bytes (modulo 3) stand before it. */
function base64Forms(text: Buffer, shift: number): readonly Form[] {
  const encoded = Buffer.concat([Buffer.alloc(shift), text]).toString('base64');
  const firstBit = shift * 8;
  const lastBit = firstBit + text.length * 8;
  const sure = encoded.slice(Math.ceil(firstBit / 6), Math.floor(lastBit / 6));
  return [
    { form: `base64+${shift}`, bytes: Buffer.from(sure) },
    { form: `base64url+${shift}`, bytes: Buffer.from(sure.replaceAll('+', '-').replaceAll('/', '_')) },
  ];
}

async function filesBelow(root: string): Promise<readonly { readonly path: string; readonly name: string }[]> {
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries.map((entry) => ({ path: join(entry.parentPath, entry.name), name: entry.name }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return [{ path: root, name: root }];
    throw error;
  }
}

/** A folder has a name and no bytes; what went while we looked (a temporary file) has none any more. */
async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EISDIR' || code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
