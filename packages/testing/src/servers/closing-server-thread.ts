/**
 * A server in a thread of its own that answers every request as if it were for an object, and closes connections that are idle for a
 * moment, without saying so before. The memory that it is given says how many connections it has closed, its port, and how many were opened.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { workerData } from 'node:worker_threads';

const IDLE_MS = 100;
const told = workerData as Int32Array;
const [CLOSED, PORT, OPENED] = [0, 1, 2];

const server = createServer({ keepAliveTimeout: IDLE_MS, keepAliveTimeoutBuffer: 0 }, (request, response) => {
  request.resume();
  response.writeHead(200, {
    connection: 'keep-alive',
    etag: '"0x1"',
    'last-modified': 'Mon, 02 Nov 2026 10:00:00 GMT',
    'content-length': '0',
  });
  response.end();
});
server.on('connection', (socket) => {
  Atomics.add(told, OPENED, 1);
  socket.once('close', () => {
    Atomics.add(told, CLOSED, 1);
    Atomics.notify(told, CLOSED);
  });
});
server.listen(0, '127.0.0.1', () => {
  Atomics.store(told, PORT, (server.address() as AddressInfo).port);
  Atomics.notify(told, PORT);
});
