import { dereference, validate } from '@readme/openapi-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from './world/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

interface Operation {
  readonly summary?: string;
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const document = async (): Promise<Document> => (await world.call('GET', '/openapi.json')).json();
const operations = ({ paths }: Document): readonly (readonly [name: string, operation: Operation])[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );

describe('the OpenAPI document', () => {
  it('is valid for a public validator', async () => {
    const given = await document();
    expect(given.openapi).toBe('3.1.0');
    const result = await validate(structuredClone(given) as never);
    expect(result).toMatchObject({ valid: true });
  });

  it('names every call', async () => {
    expect(
      operations(await document())
        .map(([name]) => name)
        .toSorted(),
    ).toEqual([
      'delete /v1/holds/{holdId}',
      'delete /v1/mailboxes/{mailbox}',
      'delete /v1/mailboxes/{mailbox}/messages/{messageId}',
      'get /asyncapi.json',
      'get /healthz',
      'get /metrics',
      'get /openapi.json',
      'get /readyz',
      'get /v1/dead-letters',
      'get /v1/dead-letters/{id}',
      'get /v1/gdpr/requests',
      'get /v1/gdpr/requests/{requestId}',
      'get /v1/gdpr/requests/{requestId}/export',
      'get /v1/holds',
      'get /v1/holds/{holdId}',
      'get /v1/mailboxes',
      'get /v1/mailboxes/{mailbox}',
      'get /v1/mailboxes/{mailbox}/messages',
      'get /v1/mailboxes/{mailbox}/messages/{messageId}',
      'get /v1/mailboxes/{mailbox}/messages/{messageId}/media',
      'get /v1/mwi/{mailbox}',
      'get /v1/operations/storage-copy',
      'get /v1/operations/storage-reindex',
      'get /v1/users/{user}/mwi',
      'patch /v1/mailboxes/{mailbox}/messages/{messageId}',
      'post /v1/dead-letters/{id}/replay',
      'post /v1/events/{topic}',
      'post /v1/gdpr/exportme',
      'post /v1/gdpr/forgetme',
      'post /v1/gdpr/undoforget',
      'post /v1/holds',
      'post /v1/mailboxes/{mailbox}/messages/{messageId}/forward',
      'post /v1/operations/forget-run',
      'post /v1/operations/mwi-rebuild',
      'post /v1/operations/storage-copy',
      'post /v1/operations/storage-reindex',
      'put /v1/mailboxes/{mailbox}',
    ]);
  });

  it('says of each what it does, who may call it, and that errors are problem documents', async () => {
    const guarded = ['401', '403', '503'];
    for (const [name, { summary, security, responses }] of operations(await document())) {
      const isPublic = !name.includes('/v1/');
      const errors = Object.entries(responses).filter(([status]) => Number(status) >= 400 && !isPublic);
      const statuses = errors.map(([status]) => status);
      expect({ name, summary, security, guarded: guarded.filter((status) => statuses.includes(status)) }).toEqual({
        name,
        summary: expect.stringMatching(/./),
        security: isPublic ? [] : undefined,
        guarded: isPublic ? [] : guarded,
      });
      const types = new Set(errors.flatMap(([, { content }]) => Object.keys(content ?? {})));
      expect([...types]).toEqual(isPublic ? [] : ['application/problem+json']);
    }
  });

  it('has the bodies of events, patches and conditions', async () => {
    const { paths } = await document();
    expect(Object.keys(paths['/v1/events/{topic}']?.['post']?.requestBody?.content ?? {})).toContain(
      'application/cloudevents+json',
    );
    const patch = paths['/v1/mailboxes/{mailbox}/messages/{messageId}']?.['patch'];
    expect(Object.keys(patch?.requestBody?.content ?? {})).toEqual([
      'application/merge-patch+json',
      'application/json',
    ]);
    expect(patch?.parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'if-match' }));
  });

  it('shows an example of every document that is answered', async () => {
    const whole = (await dereference(structuredClone(await document()) as never)) as unknown as Document;
    const bare = operations(whole).flatMap(([name, { responses }]) =>
      Object.entries(responses).flatMap(([status, { content }]) => {
        const shown = content?.['application/json'] ?? content?.['application/problem+json'];
        return shown === undefined || JSON.stringify(shown).includes('"example') ? [] : [`${name} ${status}`];
      }),
    );
    // The two documents themselves are all that has none.
    expect(bare.toSorted()).toEqual(['get /asyncapi.json 200', 'get /openapi.json 200']);
  });
});

it('the AsyncAPI document is served beside it', async () => {
  const answer = await world.call('GET', '/asyncapi.json');
  expect(answer.json()).toMatchObject({ asyncapi: '3.0.0', info: { version: '1.2.3' } });
});
