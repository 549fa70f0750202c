import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';

/** A file as a ZIP holds it. */
export interface ZipFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** 0: stored as it is (APPNOTE 4.4.5). */
  readonly method: number;
}

/** Every file of a ZIP, its checksum checked. @throws where it is no ZIP, or not whole. */
export async function readZip(zip: Uint8Array): Promise<readonly ZipFile[]> {
  const reader = new ZipReader(new Uint8ArrayReader(zip), { useWebWorkers: false, checkSignature: true });
  const files: ZipFile[] = [];
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    const bytes = Buffer.from(await entry.getData(new Uint8ArrayWriter()));
    files.push({ name: entry.filename, bytes, method: entry.compressionMethod });
  }
  await reader.close();
  return files;
}
