import type * as Sdk from '@azure/storage-blob';
import type { BlobClient, BlobServiceClient, ContainerClient } from '@azure/storage-blob';
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
export async function credentialsOf(sdk: typeof Sdk, options: AzureBlobStoreOptions): Promise<Credentials> {
  const { connectionStringFile, accountKeyFile, sasFile } = options;
  const accountUrl = options.accountUrl ?? '';
  const connect = (service: (pipeline: Sdk.StoragePipelineOptions) => BlobServiceClient): Connection =>
    connection(sdk, options.container, service);

  if (connectionStringFile !== null) {
    return {
      file: { path: connectionStringFile, form: CONNECTION_STRING },
      connect: (secret) => connect((pipeline) => sdk.BlobServiceClient.fromConnectionString(secret, pipeline)),
    };
  }
  if (accountKeyFile !== null) {
    const { accountName } = new sdk.BlobServiceClient(accountUrl);
    if (accountName === '') throw new TypeError('the account URL names no account: use a connection string');
    return {
      file: { path: accountKeyFile, form: ACCOUNT_KEY },
      connect: (secret) => {
        const credential = new sdk.StorageSharedKeyCredential(accountName, secret);
        return connect((pipeline) => new sdk.BlobServiceClient(accountUrl, credential, pipeline));
      },
    };
  }
  if (sasFile !== null) {
    return {
      file: { path: sasFile, form: SAS },
      connect: (secret) => {
        const url = `${accountUrl}?${secret.replace(/^\?/, '')}`;
        return connect((pipeline) => new sdk.BlobServiceClient(url, undefined, pipeline));
      },
    };
  }
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential();
  return {
    file: null,
    connect: () => connect((pipeline) => new sdk.BlobServiceClient(accountUrl, credential, pipeline)),
  };
}

function connection(
  sdk: typeof Sdk,
  containerName: string,
  make: (pipeline: Sdk.StoragePipelineOptions) => BlobServiceClient,
): Connection {
  // Retries are a layer round the store.
  const service = make({ retryOptions: { maxTries: 1 } });
  const { url, credential } = service;
  const pipeline = sdk.newPipeline(credential, { retryOptions: { maxTries: 1 } });
  pipeline.factories.push(deletingForGood);
  return {
    service,
    container: service.getContainerClient(containerName),
    forGood: new sdk.BlobServiceClient(url, pipeline).getContainerClient(containerName),
    copySource: async (blob) => {
      if (credential instanceof sdk.StorageSharedKeyCredential) {
        // Signing is by real time, as the service has it, whatever the clock of the deployment says.
        const expiresOn = new Date(new Date().getTime() + COPY_SIGNATURE_MS);
        const permissions = sdk.BlobSASPermissions.parse('r');
        return { url: await blob.generateSasUrl({ permissions, expiresOn }) };
      }
      if ('getToken' in credential) {
        const token = await credential.getToken(STORAGE_SCOPE);
        if (token === null) throw new Error('the identity gave no token');
        return { url: blob.url, authorization: { scheme: 'Bearer', value: token.token } };
      }
      return { url: blob.url };
    },
  };
}

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
