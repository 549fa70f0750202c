import { checkStorage, STORAGE_FIELDS, type Region } from '@voicemail/contracts';
import { boolean, type ConfigFault } from '@voicemail/runtime';
import { z } from 'zod';

const REGION_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const text = (example: string) => z.string().meta({ example }).optional();

/** The region of tenants that name none (CONTRACT section 2). `STORAGE_*` are the fields of a storage in the tenants' file. */
export const DEFAULT_REGION_VARIABLES = {
  DEFAULT_REGION: z
    .string()
    .regex(REGION_PATTERN, 'must be the name of a region: 1 to 64 letters, digits, ".", "_" or "-"')
    .meta({ example: 'westus2' })
    .optional(),
  STORAGE_INTERFACE: z
    .enum(['FileSystem', 'BlobStorage', 'S3'], { error: 'must be FileSystem, BlobStorage or S3' })
    .meta({ example: 'FileSystem' })
    .optional(),
  STORAGE_ROOT: text('/var/lib/voicemail/westus2'),
  STORAGE_CONTAINER: text('voicemail'),
  STORAGE_CONNECTION_STRING_FILE: text('/secrets/connection-string'),
  STORAGE_ACCOUNT_URL: text('https://account.blob.core.windows.net'),
  STORAGE_ACCOUNT_KEY_FILE: text('/secrets/account-key'),
  STORAGE_SAS_FILE: text('/secrets/sas'),
  STORAGE_ENCRYPTION_SCOPE: text('voicemail'),
  STORAGE_BUCKET: text('voicemail'),
  STORAGE_PREFIX: text('production/'),
  STORAGE_REGION: text('eu-west-1'),
  STORAGE_ENDPOINT: text('https://s3.example.com'),
  STORAGE_FORCE_PATH_STYLE: boolean().optional(),
  STORAGE_CREDENTIALS_FILE: text('/secrets/s3'),
  STORAGE_KMS_KEY_ID: text('alias/voicemail'),
};

const VARIABLES = Object.keys(DEFAULT_REGION_VARIABLES);
/** The texts of the variables, or the values that they stand for. */
type Given = Readonly<Record<string, unknown>>;

/** What is wrong with the storage as a whole: fields that are missing, not its own, or do not go together. */
export function faultsOfDefaultRegion(given: Given): readonly ConfigFault[] {
  const { DEFAULT_REGION: region, STORAGE_INTERFACE: storage } = given;
  const others = Object.keys(given).filter((name) => VARIABLES.includes(name) && name !== 'DEFAULT_REGION');
  if (storage === undefined) {
    return [
      ...(region === undefined
        ? []
        : [
            fault('DEFAULT_REGION', 'needs STORAGE_INTERFACE beside it, which says where the region keeps its objects'),
          ]),
      ...others.map((variable) => fault(variable, 'needs STORAGE_INTERFACE beside it, the storage that it is of')),
    ];
  }
  const kind = kindOf(storage);
  const checked = checkStorage(entryOf(given));
  // A kind that there is not is the fault of a single variable.
  if (kind === undefined) return [];
  const [interfaceName, fields] = kind;
  return [
    ...(region === undefined
      ? [fault('STORAGE_INTERFACE', 'needs DEFAULT_REGION beside it, the name of the region that it serves')]
      : []),
    ...others
      .filter((variable) => !fields.includes(fieldOf(variable)))
      .map((variable) => fault(variable, `is not of STORAGE_INTERFACE=${interfaceName}: unset it`)),
    ...(checked.ok ? [] : checked.faults.map(({ path, message }) => fault(variableOf(path), named(message, fields)))),
  ];
}

/** The region that checked variables name; null where they name none. */
export function defaultRegionOf(given: Given): Region | null {
  const name = given['DEFAULT_REGION'];
  if (typeof name !== 'string') return null;
  const checked = checkStorage(entryOf(given));
  if (!checked.ok) throw new TypeError('checked variables make a storage');
  return { name, storage: checked.value };
}

/** The storage as the tenants' file would have it; a volume without a root is below the data folder. */
function entryOf(given: Given): Readonly<Record<string, unknown>> {
  const fields = kindOf(given['STORAGE_INTERFACE'])?.[1] ?? [];
  const entry = Object.fromEntries(fields.map((field) => [field, given[variableOf(field)]]));
  const { root, force_path_style: pathStyle } = entry;
  return {
    ...entry,
    ...(fields.includes('root') ? { root: root ?? `regions/${String(given['DEFAULT_REGION'])}` } : {}),
    // What is no truth value is the fault of a single variable.
    ...(typeof pathStyle === 'string' ? { force_path_style: boolean().safeParse(pathStyle).data } : {}),
  };
}

const fieldOf = (variable: string): string => variable.slice('STORAGE_'.length).toLowerCase();
const variableOf = (field: string): string => `STORAGE_${field === '' ? 'INTERFACE' : field.toUpperCase()}`;
/** The storage of a name, with its fields; undefined where there is none. */
const kindOf = (storage: unknown): readonly [string, readonly string[]] | undefined =>
  Object.entries(STORAGE_FIELDS).find(([name]) => name === storage);
const fault = (variable: string, problem: string): ConfigFault => ({ variable, problem });

/** A fault's words with the variables in place of the fields. */
const named = (message: string, fields: readonly string[]): string =>
  message.replaceAll(/[a-z]+(?:_[a-z]+)+/g, (word) => (fields.includes(word) ? variableOf(word) : word));
