import type {
  BlobItem,
  ContainerGetPropertiesResponse,
  ServiceGetAccountInfoResponse,
  ServiceGetPropertiesResponse,
} from '@azure/storage-blob';
import type { StoreSetting } from '../port.ts';

/** What the service said, or in what words it refused to say it. */
export type Answer<T> = { readonly found: T } | { readonly refused: string };

export interface Findings {
  readonly container: Answer<
    Pick<
      ContainerGetPropertiesResponse,
      'date' | 'blobPublicAccess' | 'hasImmutabilityPolicy' | 'hasLegalHold' | 'isImmutableStorageWithVersioningEnabled'
    >
  >;
  /** Wall time at which the container answered, ms since the epoch. */
  readonly askedAtMs: number;
  readonly service: Answer<Pick<ServiceGetPropertiesResponse, 'deleteRetentionPolicy'>>;
  readonly information: Answer<Pick<ServiceGetAccountInfoResponse, 'skuName'>>;
  readonly sample: Answer<readonly Pick<BlobItem, 'objectReplicationSourceProperties'>[]>;
  readonly probe: Answer<{
    readonly isVersioned: boolean;
    readonly scope: string | null;
    /** Whether it was read as it was written. */
    readonly isSame: boolean;
  }>;
  /** What the region asks for; null for the container's default. */
  readonly encryptionScope: string | null;
}

/** Times are compared across processes and stores; more than this is worth mending. */
const MAX_SKEW_MS = 30_000;

/** What the findings mean for whoever answers for the recordings. What was not told is `unknown`, with the right that it takes. */
export function verdicts(findings: Findings): readonly StoreSetting[] {
  return [
    versioning(findings),
    softDelete(findings),
    replication(findings),
    objectLock(findings),
    encryption(findings),
    publicAccess(findings),
    clock(findings),
    {
      name: 'lifecycle',
      state: 'unknown',
      detail: 'the rules of the account cannot be asked through its data',
      advice: 'look at them: az storage account management-policy show (managementPolicies/read)',
    },
  ];
}

const unknown = (name: StoreSetting['name'], refused: string, right: string): StoreSetting => ({
  name,
  state: 'unknown',
  detail: refused,
  advice: `it takes ${right}`,
});

function versioning({ probe }: Findings): StoreSetting {
  const name = 'versioning';
  if ('refused' in probe) return unknown(name, probe.refused, 'the right to write, read and delete blobs');
  if (!probe.found.isVersioned) return { name, state: 'fine', detail: 'off: what is replaced or deleted is gone' };
  return {
    name,
    state: 'fine',
    detail: 'on: what is replaced or deleted stays until it is purged; that takes the right to delete versions',
  };
}

function softDelete({ service }: Findings): StoreSetting {
  const name = 'soft-delete';
  if ('refused' in service) return unknown(name, service.refused, SERVICE_READ);
  const { deleteRetentionPolicy: policy } = service.found;
  if (policy?.enabled !== true) return { name, state: 'fine', detail: 'off' };
  return {
    name,
    state: 'wrong',
    detail: `on: what is deleted can be brought back for ${policy.days ?? 'some'} days`,
    advice: 'turn it off, or permit permanent deletes and keep versioning on: then a purge erases at once',
  };
}
const SERVICE_READ =
  'Microsoft.Storage/storageAccounts/blobServices/read, or an account SAS with resource type s and permission r';

function replication({ sample, information }: Findings): StoreSetting {
  const name = 'replication';
  if ('refused' in sample) return unknown(name, sample.refused, 'the right to list blobs');
  const replicated = sample.found.filter(({ objectReplicationSourceProperties: rules = [] }) => rules.length > 0);
  if (replicated.length > 0) {
    return {
      name,
      state: 'wrong',
      detail: `${replicated.length} of ${sample.found.length} objects are copied to another account by a policy`,
      advice: 'what is erased here is to be erased there too: end the policy, or make that account a region',
    };
  }
  const redundancy =
    'refused' in information ? 'its redundancy is not told' : `its redundancy is ${information.found.skuName}`;
  return {
    name,
    state: 'unknown',
    detail: `none of ${sample.found.length} objects shows a policy, which proves nothing; ${redundancy}`,
    advice: 'look at it: az storage account or-policy list (objectReplicationPolicies/read)',
  };
}

function objectLock({ container }: Findings): StoreSetting {
  const name = 'object-lock';
  if ('refused' in container) return unknown(name, container.refused, CONTAINER_READ);
  const { hasImmutabilityPolicy, hasLegalHold, isImmutableStorageWithVersioningEnabled } = container.found;
  const found = [
    ...(hasImmutabilityPolicy === true ? ['an immutability policy'] : []),
    ...(hasLegalHold === true ? ['a legal hold'] : []),
    ...(isImmutableStorageWithVersioningEnabled === true ? ['support for immutable versions'] : []),
  ];
  if (found.length === 0) return { name, state: 'fine', detail: 'none on the container' };
  return {
    name,
    state: 'wrong',
    detail: `the container has ${found.join(', ')}`,
    advice: 'what is locked cannot be erased when a caller asks for it: use the holds of this system instead',
  };
}
const CONTAINER_READ =
  'Microsoft.Storage/storageAccounts/blobServices/containers/read, or an account SAS with resource type c and permission r';

function encryption({ probe, encryptionScope }: Findings): StoreSetting {
  const name = 'encryption';
  if ('refused' in probe) {
    return {
      name,
      state: 'wrong',
      detail: `a probe could not be written, read and deleted: ${probe.refused}`,
      advice: 'check the rights, and that the key of the encryption scope is there and enabled',
    };
  }
  const { isSame, scope } = probe.found;
  const isScope = encryptionScope === null || scope === encryptionScope;
  if (isSame && isScope) {
    return {
      name,
      state: 'fine',
      detail: `a probe came back as it was written; its scope is ${scope ?? 'the account’s'}`,
    };
  }
  return {
    name,
    state: 'wrong',
    detail: isSame ? `it is written in the scope ${scope ?? 'of the account'}` : 'a probe came back as something else',
    advice: 'check the encryption scope of the region, and whether the container lets others than its own be used',
  };
}

function publicAccess({ container }: Findings): StoreSetting {
  const name = 'public-access';
  if ('refused' in container) return unknown(name, container.refused, CONTAINER_READ);
  const { blobPublicAccess: access } = container.found;
  if (access === undefined) return { name, state: 'fine', detail: 'none' };
  return {
    name,
    state: 'wrong',
    detail: `anybody may read ${access === 'container' ? 'and list ' : ''}the container`,
    advice: 'az storage container set-permission --public-access off, and allowBlobPublicAccess false on the account',
  };
}

function clock({ container, askedAtMs }: Findings): StoreSetting {
  const name = 'clock';
  if ('refused' in container) return unknown(name, container.refused, CONTAINER_READ);
  const { date } = container.found;
  if (date === undefined) return { name, state: 'unknown', detail: 'the service did not tell its time' };
  const skewMs = askedAtMs - date.getTime();
  const told = `the clock here is ${Math.abs(skewMs / 1000).toFixed(0)} s ${skewMs < 0 ? 'behind' : 'ahead of'} the service's`;
  if (Math.abs(skewMs) <= MAX_SKEW_MS) return { name, state: 'fine', detail: told };
  return { name, state: 'wrong', detail: told, advice: 'let a time service set the clock here' };
}
