import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterTest } from '../after-test.ts';
import { Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { RequestLog } from './request-log.ts';
import { faultFor, Rule, type Injected, type Occasion } from './rule.ts';

/** An HTTP proxy on loopback in front of a server, which does to requests what a test asks for. */
export interface FaultProxy extends AsyncDisposable {
  /** In place of the server's address, with its path; no slash at the end. */
  readonly url: string;
  /** Every request that came, whatever became of it. */
  readonly requests: RequestLog;
  /** Of several faults, a request meets the one that was injected first. */
  inject(occasion: Occasion, fault: Fault): Injected;
}

/** So long a connection to the server is kept without use: less than any server does, or it might close one that is just being used. */
const IDLE_MS = 2_000;

/** The codes of errors that say that the server or the client is gone. */
const GONE = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']);

/** Starts a proxy that the caller disposes of; `faultProxy` is the one for tests. */
export async function openFaultProxy(serverUrl: string): Promise<FaultProxy> {
  const target = new URL(serverUrl);
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const requests = new RequestLog();
  const rules: Rule[] = [];
  const failures: unknown[] = [];

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const seen = { method: request.method ?? '', path: request.url ?? '' };
    requests.add(seen);
    const exchange = new Exchange(request, response, target, agent);
    try {
      await faultFor(rules, seen)(exchange);
    } catch (error) {
      // A side that is gone is what a test may have asked for; anything else is a fault of the fault.
      if (!GONE.has((error as NodeJS.ErrnoException).code ?? '')) failures.push(error);
      exchange.resetClient();
    }
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response);
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, listener);
  // Without this, Node would tell every client to go on, before the server or a fault has its say.
  server.on('checkContinue', listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}${target.pathname.replace(/\/$/, '')}`,
    requests,
    inject: (occasion, fault) => {
      const rule = new Rule(occasion, fault);
      rules.push(rule);
      return rule;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
      agent.destroy();
      if (failures.length > 0) throw new AggregateError(failures, 'A fault could not be carried out.');
    },
  };
}

/** A proxy that goes with the test. */
export async function faultProxy(serverUrl: string): Promise<FaultProxy> {
  const proxy = await openFaultProxy(serverUrl);
  await afterTest(() => proxy[Symbol.asyncDispose]());
  return proxy;
}
