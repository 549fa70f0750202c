import { once } from 'node:events';
import { connect } from 'node:net';

/** An answer in RESP 2. */
export type RedisReply = string | number | null | readonly RedisReply[];

const ANSWER_LIMIT_MS = 3_000;

/**
 * One command on a connection of its own, as an operator types it.
 * @throws Error with what Redis says against it, or when nobody answers.
 */
export async function redisCommand(port: number, words: readonly string[]): Promise<RedisReply> {
  const socket = connect({ port, host: '127.0.0.1', timeout: ANSWER_LIMIT_MS });
  socket.on('timeout', () => socket.destroy(new Error(`no answer from Redis to ${words[0]}`)));
  try {
    await once(socket, 'connect');
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
    socket.write(`*${words.length}\r\n${parts.join('')}`);
    let received = '';
    for await (const chunk of socket.setEncoding('latin1')) {
      received += String(chunk);
      const parsed = parse(received, 0);
      if (parsed === null) continue;
      if (parsed.reply instanceof Error) throw parsed.reply;
      return parsed.reply;
    }
    throw new Error(`Redis closed the connection before it answered ${words[0]}`);
  } finally {
    socket.destroy();
  }
}

interface Parsed<T> {
  readonly reply: T;
  readonly end: number;
}

/** What stands at an offset; null where some of it has not come yet. */
function parse(text: string, at: number): Parsed<RedisReply | Error> | null {
  const lineEnd = text.indexOf('\r\n', at);
  if (lineEnd < 0) return null;
  const [kind, line, end] = [text[at], text.slice(at + 1, lineEnd), lineEnd + 2];
  switch (kind) {
    case '+':
      return { reply: line, end };
    case '-':
      return { reply: new Error(line), end };
    case ':':
      return { reply: Number(line), end };
    case '$':
      return parseBulk(text, Number(line), end);
    case '*':
      return parseArray(text, Number(line), end);
    default:
      throw new Error(`not an answer of Redis: ${line}`);
  }
}

function parseBulk(text: string, bytes: number, from: number): Parsed<string | null> | null {
  if (bytes < 0) return { reply: null, end: from };
  const end = from + bytes + 2;
  return text.length < end ? null : { reply: Buffer.from(text.slice(from, end - 2), 'latin1').toString(), end };
}

function parseArray(text: string, count: number, from: number): Parsed<RedisReply> | null {
  if (count < 0) return { reply: null, end: from };
  const replies: RedisReply[] = [];
  let end = from;
  while (replies.length < count) {
    const next = parse(text, end);
    if (next === null) return null;
    if (next.reply instanceof Error) throw next.reply;
    replies.push(next.reply);
    ({ end } = next);
  }
  return { reply: replies, end };
}
