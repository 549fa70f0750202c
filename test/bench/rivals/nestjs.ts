import { installed, type Tool } from '@voicemail/testing';

const VERSION = '12.1.1';

const NESTJS: Tool = {
  name: 'nestjs',
  version: VERSION,
  install: (folder) => [
    'npm',
    'install',
    '--prefix',
    folder,
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    ...['common', 'core', 'microservices'].map((name) => `@nestjs/${name}@${VERSION}`),
    // What its Kafka transport stands on, as its documentation has it.
    'kafkajs@2.2.4',
    'reflect-metadata@0.2.2',
    'rxjs@7.8.2',
  ],
  needs: 'npm (it comes with Node) and a registry that has @nestjs',
};

/** The folder in which NestJS with its Kafka transport is installed. @throws Error that says what the machine lacks. */
export const nestjs = (): Promise<string> => installed(NESTJS);
