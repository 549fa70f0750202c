/** Puts Apache Kafka's broker, and an archive of its classes that halves the time of a start, into the working directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { KAFKA_STARTED, KAFKA_VERSION, startCommand, writeProperties } from './kafka-node.ts';

const dependency = (groupId: string, artifactId: string, version: string): string =>
  `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`;

// Without a logger the broker says nothing, and nobody knows when it is ready.
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>voicemail</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}
    ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
  </dependencies>
</project>
`;

const MAVEN = [
  'mvn',
  '--batch-mode',
  '--quiet',
  // Maven remembers that something was not found, and would not look again.
  '--update-snapshots',
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DincludeScope=runtime',
  '-DoutputDirectory=libs',
];

/** Runs a command to its end; one that does not end by itself is told to at the output `until`. @throws Error when it fails. */
async function run([file = '', ...args]: readonly string[], until?: string): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const isThere = (): boolean => until !== undefined && output.includes(until);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (isThere()) child.kill('SIGTERM');
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 && !isThere()) throw new Error(`${file} failed (${String(code)}): ${output}`);
}

await writeFile('pom.xml', POM);
await run(MAVEN);

const folder = join(process.cwd(), 'rehearsal');
await mkdir(folder);
const place = { host: '127.0.0.1', port: await freePort(), folder };
await writeProperties(place, { id: 1, controllerPorts: [await freePort()], properties: {} });
await run([...startCommand(process.cwd()), folder, '-XX:ArchiveClassesAtExit=classes.jsa'], KAFKA_STARTED);
await rm(folder, { recursive: true });
