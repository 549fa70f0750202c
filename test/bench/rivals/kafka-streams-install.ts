/** Puts the libraries of Kafka Streams of a version into `libs` of the working directory. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const [version = ''] = process.argv.slice(2);

const dependency = (groupId: string, artifactId: string, itsVersion: string): string =>
  `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${itsVersion}</version></dependency>`;

await writeFile(
  'pom.xml',
  `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>voicemail</groupId><artifactId>kafka-streams</artifactId><version>1</version>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka-streams', version)}
    ${dependency('org.slf4j', 'slf4j-simple', '1.7.36')}
  </dependencies>
</project>
`,
);
await promisify(execFile)('mvn', [
  '--batch-mode',
  '--quiet',
  // Maven remembers that something was not found, and would not look again.
  '--update-snapshots',
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies',
  '-DincludeScope=runtime',
  '-DoutputDirectory=libs',
]);
