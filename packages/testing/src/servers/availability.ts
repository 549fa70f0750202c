import type { ServerDescription } from './description.ts';
import { findRoute, type Route } from './launch.ts';

/** Whether a server can be had on this machine, and if so, how a test starts one. */
export type Availability<Start> =
  | { readonly available: true; readonly name: string; readonly start: Start }
  | { readonly available: false; readonly name: string; readonly why: string };

/** Sees to it that the server can be started: whatever must be fetched is fetched now, while no test's time runs. */
export async function availability<Start>(
  description: ServerDescription,
  starter: (route: Route) => Start,
): Promise<Availability<Start>> {
  const name = `${description.name} ${description.version}`;
  try {
    return { available: true, name, start: starter(await findRoute(description)) };
  } catch (error) {
    return { available: false, name, why: error instanceof Error ? error.message : String(error) };
  }
}
