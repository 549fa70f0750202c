import type { Availability } from './availability.ts';
import type { RunningServer } from './launch.ts';

// Loaded in a test run only: benchmarks use this package too, and have no test runner.
const runner = process.env['VITEST'] === undefined ? undefined : await import('vitest');

type Start = (...options: never[]) => Promise<Pick<RunningServer, 'stop'>>;

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
  if (runner === undefined) throw new Error('There are cases in a test run only; elsewhere, ask the server itself.');
  const { afterAll, describe, expect, it } = runner;
  describe(`${name} (${server.name})`, () => {
    if (!server.available) {
      const { missing, title } = told(server);
      process.stderr.write(`\nTests cannot run: ${missing}\n`);
      it(title, (context) => {
        expect(process.env['CI'] ?? '', `where CI is set nothing may be left out: ${missing}`).toBe('');
        context.skip(missing);
      });
      return;
    }
    const started: Pick<RunningServer, 'stop'>[] = [];
    const start = async (...options: Parameters<S>): Promise<Pick<RunningServer, 'stop'>> => {
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

/** What is missing and how to get it: at length, and in a line for a test's name. */
function told({ name, why }: { readonly name: string; readonly why: string }): { missing: string; title: string } {
  return { missing: `${name} is missing. ${why}`, title: `needs ${name}: ${why.replaceAll(/\s+/g, ' ')}` };
}
