import { afterAll, describe, expect, it } from 'vitest';
import type { Availability } from './availability.ts';
import type { RunningServer } from './launch.ts';

type Start = (...options: never[]) => Promise<RunningServer>;

/**
 * Cases that need a real server: `describe`, whose body is given a function that starts one. All that it started are stopped when the
 * cases are over. Where the server cannot be had, one skipped test says so and how to get it; where `CI` is set, that test fails.
 *
 * @example
 * const azure = await azureServer();
 * whenAvailable(azure, 'the store on Azure', (start) => {
 *   let server: AzureServer;
 *   beforeAll(async () => { server = await start(); });
 * });
 */
export function whenAvailable<S extends Start>(server: Availability<S>, name: string, body: (start: S) => void): void {
  describe(`${name} (${server.name})`, () => {
    if (!server.available) {
      reportMissing(server);
      return;
    }
    const started: RunningServer[] = [];
    const start = async (...options: Parameters<S>): Promise<RunningServer> => {
      const running = await server.start(...options);
      started.push(running);
      return running;
    };
    afterAll(async () => {
      await Promise.all(started.map((running) => running.stop()));
    });
    body(start as S);
  });
}

/** One test that says what is missing and how to get it: left out, or failed where everything must be there. */
function reportMissing({ name, why }: { readonly name: string; readonly why: string }): void {
  const message = `${name} is missing. ${why}`;
  process.stderr.write(`\nTests are left out: ${message}\n`);
  it(`needs ${name}: ${why.replaceAll(/\s+/g, ' ')}`, (context) => {
    expect(process.env['CI'] ?? '', `where CI is set nothing may be left out: ${message}`).toBe('');
    context.skip(message);
  });
}
