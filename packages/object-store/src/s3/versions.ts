import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import type { Bucket } from './bucket.ts';
import { textIn } from './listing.ts';

/** One entry of a key's past. */
export interface Version {
  readonly id: string;
  readonly isMarker: boolean;
}

/** All that a bucket has under one key. */
export interface History {
  /** What was replaced or deleted, and the markers among it. */
  readonly past: readonly Version[];
  /** The marker that hides the rest, where the object is deleted. */
  readonly marker: Version | null;
}

/** The id of what was written while the bucket had no versioning, or had it suspended: such a write takes the place of the one before. */
export const NULL_ID = 'null';

/** One request, and one more for each thousand versions. */
export async function historyOf(bucket: Bucket, key: string): Promise<History> {
  const { Key } = bucket.at(key);
  const past: Version[] = [];
  let marker: Version | null = null;
  let from: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const page = await bucket.ask((s3, options) =>
      s3.listObjectVersions({ Bucket: bucket.name, Prefix: Key, EncodingType: 'url', ...from }, options),
    );
    for (const { version, isLatest } of entriesOf(page, Key)) {
      if (!isLatest) past.push(version);
      else if (version.isMarker) marker = version;
    }
    // Keys that begin with this one come after it.
    const { NextKeyMarker = '', NextVersionIdMarker } = page;
    if (page.IsTruncated !== true || textIn(page, NextKeyMarker) !== Key) return { past, marker };
    from = { KeyMarker: Key, ...(NextVersionIdMarker === undefined ? {} : { VersionIdMarker: NextVersionIdMarker }) };
  }
}

function entriesOf(
  page: ListObjectVersionsCommandOutput,
  key: string,
): readonly { readonly version: Version; readonly isLatest: boolean }[] {
  const entries = [
    ...(page.Versions ?? []).map((entry) => ({ entry, isMarker: false })),
    ...(page.DeleteMarkers ?? []).map((entry) => ({ entry, isMarker: true })),
  ];
  return entries.flatMap(({ entry: { Key, VersionId: id, IsLatest }, isMarker }) =>
    Key !== undefined && id !== undefined && textIn(page, Key) === key
      ? [{ version: { id, isMarker }, isLatest: IsLatest === true }]
      : [],
  );
}
