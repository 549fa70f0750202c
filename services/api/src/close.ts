import type { Clock } from '@voicemail/runtime';
import type { App } from './context.ts';
import { CLOSE_IDLE_EVERY_MS } from './limits.ts';
import { unavailable } from './problem.ts';

/**
 * Takes no new call, waits for those under way, and cuts off what is not done after `graceMs`. A connection that carried a
 * call when the stop began is idle after it, and would be kept open by its client: it is closed then.
 */
export async function closeApp(app: App, clock: Clock, graceMs: number): Promise<void> {
  const untilMs = clock.monotonicMs() + graceMs;
  const closed = app.close().then(() => 'closed' as const);
  for (;;) {
    if (clock.monotonicMs() >= untilMs) app.server.closeAllConnections();
    else app.server.closeIdleConnections();
    if ((await Promise.race([closed, clock.sleep(CLOSE_IDLE_EVERY_MS)])) === 'closed') return;
  }
}

/** While the API stops: calls that still come over open connections are refused, and each answer is the last of its connection. */
export function refuseWhileClosing(app: App): void {
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  app.addHook('onRequest', async (request) => {
    if (isClosing && request.routeOptions.config.isPublic !== true) throw unavailable('The server is stopping.');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
}
