import { createServer } from 'node:http';
import { openLogTable, type LogRow } from './log-table.ts';

/**
 * A server as bare as it can be that does what is asked of the intake: takes a body, inserts it with its headers, answers when
 * it is durable. What came in one turn of the event loop is one transaction. Called with a file and a port; 0 takes none.
 */
const startedMs = performance.now();
const [file = '', port = '0'] = process.argv.slice(2);
const table = openLogTable(file);
let waiting: { readonly row: LogRow; readonly answer: () => void }[] = [];

function commit(): void {
  const taken = waiting;
  waiting = [];
  table.begin();
  for (const { row } of taken) table.insert(row);
  table.commit();
  for (const { answer } of taken) answer();
}

const server = createServer((request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    // Whoever asks whether it is there is told which process it is.
    if (request.method !== 'POST') {
      response.end(String(process.pid));
      return;
    }
    const key = `${String(request.headers['ce-tenant'])}/${String(request.headers['ce-mailbox'])}`;
    const row = { key, headers: JSON.stringify(request.headers), value: Buffer.concat(chunks) };
    const answer = (): void => void response.writeHead(202, { 'content-length': 0 }).end();
    waiting.push({ row, answer });
    if (waiting.length === 1) setImmediate(commit);
  });
});
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ startMs: performance.now() - startedMs })}\n`);
});
process.on('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => table.close());
});
