import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { composeLoader, hadolint } from '@voicemail/testing';
import { describe, expect, it } from 'vitest';
import { SERVICE_NAMES } from '../../services/voicemail/src/service-names.ts';
import { readDockerfile } from '../support/dockerfile.ts';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const inCheckout = (path: string): string => join(CHECKOUT, path);
const textOf = (path: string): Promise<string> => readFile(inCheckout(path), 'utf8');

const lint = await hadolint();
const load = await composeLoader();

describe('the Dockerfile', () => {
  it.skipIf(lint === undefined)('has nothing that hadolint finds fault with', async () => {
    expect(await lint!(inCheckout('Dockerfile'))).toBe('');
  });

  it('is built on the Node that everything else runs on, and is of this version', async () => {
    const node = /^ {2}node: (.*)$/m.exec(await textOf('pnpm-workspace.yaml'))?.[1];
    const { version } = JSON.parse(await textOf('package.json')) as { version: string };
    const stages = await readDockerfile(inCheckout('Dockerfile'));
    expect(stages.map(({ base }) => base)).toEqual(stages.map(() => `node:${node}-trixie-slim`));
    const labels = stages
      .at(-1)
      ?.instructions.find(({ name }) => name === 'LABEL')
      ?.words.join(' ');
    expect(labels).toContain(`org.opencontainers.image.version="${version}"`);
  });

  it('runs as a user by number who is not root, and is told of a stop itself', async () => {
    const last = (await readDockerfile(inCheckout('Dockerfile'))).at(-1)?.instructions ?? [];
    const words = (name: string): readonly string[] => last.find((one) => one.name === name)?.words ?? [];
    expect(words('USER')[0]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    expect(words('ENTRYPOINT')).toEqual(['voicemail']);
    expect(await textOf('infra/docker/voicemail')).toMatch(/^exec node .*"\$@"$/m);
    expect(words('STOPSIGNAL')).toEqual(['SIGTERM']);
  });
});

describe.skipIf(load === undefined)('docker-compose.yml', () => {
  const model = async () => load!(inCheckout('docker-compose.yml'));

  it('runs every service from one image of this version, whose root is read-only', async () => {
    const { services } = await model();
    const { version } = JSON.parse(await textOf('package.json')) as { version: string };
    const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
    const commands = ours.flatMap(([, { command }]) => (command ? [command.join(' ')] : []));
    expect(new Set(commands)).toEqual(new Set(SERVICE_NAMES.map((name) => `service ${name}`)));
    for (const [, service] of ours) {
      expect(service).toMatchObject({ image: `voicemail:${version}`, read_only: true, tmpfs: ['/tmp'] });
    }
  });

  it('has the servers that the tests run on', async () => {
    const { services } = await model();
    const launcher = 'packages/testing/src/servers';
    const kafka = /KAFKA_VERSION = '(.*)'/.exec(await textOf(`${launcher}/kafka-node.ts`))?.[1];
    expect(services['kafka']?.image).toBe(`apache/kafka:${kafka}`);
    for (const [name, file] of Object.entries({ redis: 'redis-node', azurite: 'azurite', s3: 'versitygw' })) {
      expect(await textOf(`${launcher}/${file}.ts`)).toContain(`image: { name: '${services[name]?.image}'`);
    }
  });

  it('lets in from this machine alone', async () => {
    const published = Object.values((await model()).services).flatMap(({ ports = [] }) => ports);
    expect(published.map(({ host_ip: host }) => host)).toEqual(published.map(() => '127.0.0.1'));
    expect(published).not.toHaveLength(0);
  });

  it('looks after the health of all that goes on running, and waits for what has to be there first', async () => {
    const { services } = await model();
    const conditions = Object.values(services).flatMap(({ depends_on: needs = {} }) =>
      Object.entries(needs).map(([name, { condition }]) => ({ name, condition })),
    );
    for (const [name, { healthcheck }] of Object.entries(services)) {
      const isLooked = healthcheck?.test !== undefined;
      const met = isLooked ? 'service_healthy' : 'service_completed_successfully';
      const asked = conditions.filter((one) => one.name === name).map(({ condition }) => condition);
      expect([name, ...asked]).toEqual([name, ...asked.map(() => met)]);
      // What nobody waits for goes on running.
      expect(isLooked || asked.length > 0).toBe(true);
    }
  });
});
