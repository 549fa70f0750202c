import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openFileSystemStore } from '@voicemail/object-store';
import { systemClock, systemIds } from '@voicemail/runtime';
import { depositPuts, type DepositMessage } from '../bare/deposit-puts.ts';
import { someAudio } from '../load/deposits.ts';
import { stopwatch } from '../measure/stopwatch.ts';
import { REGION } from '../stored/parts.ts';
import { slowStore } from '../stored/slow-store.ts';

/**
 * A Kafka microservice as NestJS's documentation has it: a handler of one topic, which stores a deposit and announces it. Prints how many
 * a second it did, and ends. Its arguments: the folder of NestJS, and what is told as JSON.
 */
export interface NestjsServiceArguments {
  readonly brokers: readonly string[];
  readonly group: string;
  readonly from: string;
  readonly to: string;
  /** Folder of the store. */
  readonly root: string;
  readonly latencyMs: number;
  readonly audioBytes: number;
  readonly count: number;
}

type Decorate = (target: object, name: string, about: PropertyDescriptor | number) => void;
interface Context {
  getMessage(): DepositMessage;
  getProducer(): { send(record: object): Promise<unknown> };
}
interface Nest {
  readonly Controller: () => (target: object) => void;
  readonly Module: (options: object) => (target: object) => void;
  readonly NestFactory: {
    createMicroservice(module: object, options: object): Promise<{ listen(): Promise<void>; close(): Promise<void> }>;
  };
  readonly Transport: { readonly KAFKA: number };
  readonly EventPattern: (topic: string) => Decorate;
  readonly Ctx: () => Decorate;
}

const [folder = '', told = ''] = process.argv.slice(2);
const options = JSON.parse(told) as NestjsServiceArguments;
const { resolve } = createRequire(join(folder, 'package.json'));
const load = async (name: string): Promise<Partial<Nest>> =>
  (await import(pathToFileURL(resolve(name)).href)) as Partial<Nest>;
await load('reflect-metadata');
const nest = {
  ...(await load('@nestjs/common')),
  ...(await load('@nestjs/core')),
  ...(await load('@nestjs/microservices')),
};
const { Controller, Module, NestFactory, Transport, EventPattern, Ctx } = nest as Nest;

const watch = stopwatch(options.count);
const { root, latencyMs, audioBytes, brokers, group, from, to } = options;
const store = await openFileSystemStore({ root, region: REGION, clock: systemClock(), ids: systemIds() });
const put = depositPuts(slowStore(store, latencyMs), someAudio(audioBytes));

class Deposits {
  async store(context: Context): Promise<void> {
    watch.begun();
    const fact = await put(context.getMessage());
    await context.getProducer().send({ topic: to, messages: [fact] });
    watch.done();
  }
}
// Decorators as functions: Node leaves types out, and decorators are no types.
Ctx()(Deposits.prototype, 'store', 0);
EventPattern(from)(Deposits.prototype, 'store', Object.getOwnPropertyDescriptor(Deposits.prototype, 'store') ?? {});
Controller()(Deposits);
class Root {
  readonly controllers = [Deposits];
}
Module({ controllers: [Deposits] })(Root);

const service = await NestFactory.createMicroservice(Root, {
  transport: Transport.KAFKA,
  logger: false,
  options: {
    client: { brokers },
    consumer: { groupId: group },
    subscribe: { fromBeginning: true },
    parser: { keepBinary: true },
  },
});
await service.listen();
process.stdout.write(`${JSON.stringify({ perSecond: await watch.perSecond })}\n`);
await service.close();
