import type * as Sdk from '@azure/storage-blob';
import type { BlobClient, BlobServiceClient, ContainerClient } from '@azure/storage-blob';
import { systemClock } from '@voicemail/runtime';
import type { Agents } from './agents.ts';
import type { AzureBlobStoreOptions } from './options.ts';
import { ACCOUNT_KEY, CONNECTION_STRING, SAS, type SecretForm } from './secret-file.ts';

/** How the service is told to let a copy read its source. */
export interface CopySource {
  /** With a signature in it, unless `authorization` is given. */
  readonly url: string;
  readonly authorization?: { readonly scheme: string; readonly value: string };
}

/** The clients of one account under one secret. */
export interface Connection {
  readonly service: BlobServiceClient;
  readonly container: ContainerClient;
  /** The same container, where a delete is for good: of a soft-deleted version or snapshot. */
  readonly forGood: ContainerClient;
  readonly copySource: (blob: BlobClient) => Promise<CopySource>;
}

/** Where the secret is, and how a connection is made of it. */
export interface Credentials {
  /** Null where the workload's own identity is used; the client renews that by itself. */
  readonly file: { readonly path: string; readonly form: SecretForm } | null;
  readonly connect: (secret: string) => Connection;
}

const STORAGE_SCOPE = 'https://storage.azure.com/.default';
/** How long the signature for a copy holds: the service reads the source at once. */
const COPY_SIGNATURE_MS = 15 * 60_000;

/** @throws TypeError where the account cannot be told from its URL. */
export async function credentialsOf(
  sdk: typeof Sdk,
  options: AzureBlobStoreOptions,
  agents: Agents,
): Promise<Credentials> {
  const { connectionStringFile, accountKeyFile, sasFile } = options;
  const accountUrl = options.accountUrl ?? '';
  const connect = (url: string, credential?: BlobServiceClient['credential']): Connection =>
    connection(sdk, { url, container: options.container, credential }, agents);

  if (connectionStringFile !== null) {
    return {
      file: { path: connectionStringFile, form: CONNECTION_STRING },
      connect: (secret) => {
        const { url, credential } = sdk.BlobServiceClient.fromConnectionString(secret);
        return connect(url, credential);
      },
    };
  }
  if (accountKeyFile !== null) {
    const { accountName } = new sdk.BlobServiceClient(accountUrl);
    if (accountName === '') throw new TypeError('the account URL names no account: use a connection string');
    return {
      file: { path: accountKeyFile, form: ACCOUNT_KEY },
      connect: (secret) => connect(accountUrl, new sdk.StorageSharedKeyCredential(accountName, secret)),
    };
  }
  if (sasFile !== null) {
    return {
      file: { path: sasFile, form: SAS },
      connect: (secret) => connect(`${accountUrl}?${secret.replace(/^\?/, '')}`),
    };
  }
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential();
  return { file: null, connect: () => connect(accountUrl, credential) };
}

interface Target {
  /** Of the account, with the signature where that is the secret. */
  readonly url: string;
  readonly container: string;
  readonly credential: BlobServiceClient['credential'] | undefined;
}

/** Signing is by real time, as the service has it, whatever the clock of the deployment says. */
const realTime = systemClock();

function connection(sdk: typeof Sdk, { url, container, credential }: Target, agents: Agents): Connection {
  const client = (...policies: Sdk.RequestPolicyFactory[]): BlobServiceClient => {
    // Retries are a layer round the store.
    const pipeline = sdk.newPipeline(credential, { retryOptions: { maxTries: 1 } });
    pipeline.factories.push(over(agents), ...policies);
    return new sdk.BlobServiceClient(url, pipeline);
  };
  const service = client();
  return {
    service,
    container: service.getContainerClient(container),
    forGood: client(deletingForGood).getContainerClient(container),
    copySource: async (blob) => {
      if (credential instanceof sdk.StorageSharedKeyCredential) {
        const expiresOn = new Date(realTime.now() + COPY_SIGNATURE_MS);
        const permissions = sdk.BlobSASPermissions.parse('r');
        return { url: await blob.generateSasUrl({ permissions, expiresOn }) };
      }
      if (credential !== undefined && 'getToken' in credential) {
        const token = await credential.getToken(STORAGE_SCOPE);
        if (token === null) throw new Error('the identity gave no token');
        return { url: blob.url, authorization: { scheme: 'Bearer', value: token.token } };
      }
      return { url: blob.url };
    },
  };
}

/** Over connections of the store's own; a proxy from the environment has others. */
const over = (agents: Agents): Sdk.RequestPolicyFactory => ({
  create: (next) => ({
    sendRequest: (request) => {
      request.agent ??= request.url.startsWith('https:') ? agents.https : agents.http;
      return next.sendRequest(request);
    },
  }),
});

/** `deletetype=permanent` (REST, "Delete Blob"), which the client has no option for. */
const deletingForGood: Sdk.RequestPolicyFactory = {
  create: (next) => ({
    sendRequest: (request) => {
      const url = new URL(request.url);
      url.searchParams.set('deletetype', 'permanent');
      request.url = url.href;
      return next.sendRequest(request);
    },
  }),
};
