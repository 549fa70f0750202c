import { once } from 'node:events';
import {
  request as httpRequest,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';

const REFUSED = 400;

/**
 * One request between a client and the server behind the proxy. Every header goes on as it came, `Host` too: a signed request stays
 * valid, since the server checks the signature over what the client wrote. Every step rejects when one of the two is gone.
 */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #target: URL;
  readonly #agent: Agent;

  constructor(request: IncomingMessage, response: ServerResponse, target: URL, agent: Agent) {
    this.request = request;
    this.response = response;
    this.#target = target;
    this.#agent = agent;
    // What is passed on is the server's, to the letter.
    response.sendDate = false;
  }

  /** Sends the request to the server. Gives its answer as soon as the head is there. */
  async askServer(): Promise<IncomingMessage> {
    const outgoing = this.#open();
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    // Not a pipeline: a server may answer and close before it has read everything, and its answer must still reach the client.
    this.request.pipe(outgoing);
    const [answer] = await answered;
    const { socket, statusCode = 0 } = answer;
    if (statusCode >= REFUSED) answer.once('end', () => this.#hearOut(socket));
    return answer;
  }

  /**
   * A server that refuses a body unread and keeps the connection may never read on (Azurite): what is sent there next would wait for ever.
   * The rest is taken in its place.
   */
  #hearOut(server: Socket): void {
    this.request.unpipe();
    this.request.resume();
    server.destroy();
  }

  /** Sends the server the head and half of the body, and closes the connection to it. */
  async breakOffToServer(): Promise<void> {
    const outgoing = this.#open();
    const closed = new Promise((resolve) => outgoing.once('close', resolve));
    outgoing.flushHeaders();
    if (this.#clientWaits) this.response.writeContinue();
    // Left as it is, the client's connection can still be reset; the iterator would end it the usual way.
    const body = this.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const part of firstHalf(body, this.request.headers['content-length'])) {
      await new Promise((resolve) => outgoing.write(part, resolve));
    }
    outgoing.destroy();
    await closed;
  }

  /** Passes the server's answer on, with its headers, or with others. */
  async passOn(answer: IncomingMessage, rawHeaders: readonly string[] = answer.rawHeaders): Promise<void> {
    this.#writeHead(answer, rawHeaders);
    await pipeline(answer, this.response);
  }

  /** Passes on the head and half of the body, and leaves it at that. An answer without a body has no half: nothing is passed on. */
  async passOnHalf(answer: IncomingMessage): Promise<void> {
    let headWritten = false;
    for await (const part of firstHalf(answer as AsyncIterable<Buffer>, answer.headers['content-length'])) {
      if (!headWritten) this.#writeHead(answer, answer.rawHeaders);
      headWritten = true;
      await new Promise((resolve) => this.response.write(part, resolve));
    }
  }

  /** Answers in the server's place, once the client has said everything; one that asks first whether to go on is told at once. */
  async answer(status: number, headers: Readonly<Record<string, string>>, body: string): Promise<void> {
    if (!this.#clientWaits) {
      this.request.resume();
      if (!this.request.readableEnded) await once(this.request, 'end');
    }
    const withoutBody = this.request.method === 'HEAD';
    this.response.writeHead(status, { date: new Date().toUTCString(), ...headers });
    this.response.end(withoutBody ? '' : body);
  }

  /** The client's connection ends with a TCP reset. */
  resetClient(): void {
    this.request.socket.resetAndDestroy();
  }

  /** The client's connection ends as if all had been said. */
  endClient(): void {
    this.request.socket.destroySoon();
  }

  /** RFC 9110 §10.1.1: the client sends its body only when it is told to go on. That is for the server to say. */
  get #clientWaits(): boolean {
    return this.request.headers.expect?.toLowerCase() === '100-continue';
  }

  #writeHead(answer: IncomingMessage, rawHeaders: readonly string[]): void {
    this.response.writeHead(answer.statusCode ?? 502, answer.statusMessage, [...rawHeaders]);
  }

  #open(): ClientRequest {
    const outgoing = httpRequest({
      agent: this.#agent,
      host: this.#target.hostname,
      port: this.#target.port,
      method: this.request.method,
      path: this.request.url,
      headers: this.request.rawHeaders,
    });
    if (this.#clientWaits) outgoing.once('continue', () => this.response.writeContinue());
    // Who waits for the answer is told by its promise; a later error breaks the answer off, which is seen there.
    outgoing.on('error', () => undefined);
    // A client that goes away is gone for the server too.
    this.response.once('close', () => {
      if (!this.response.writableFinished) outgoing.destroy();
    });
    return outgoing;
  }
}

/** Of a body whose length is not told: half of what comes first. */
async function* firstHalf(body: AsyncIterable<Buffer>, contentLength: string | undefined): AsyncGenerator<Buffer> {
  let left = contentLength === undefined ? undefined : Math.floor(Number(contentLength) / 2);
  for await (const chunk of body) {
    left ??= Math.floor(chunk.length / 2);
    yield chunk.subarray(0, left);
    left -= Math.min(left, chunk.length);
    if (left === 0) return;
  }
}
