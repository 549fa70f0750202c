import { isCi } from '../long-form.ts';
import type { Tool } from '../servers/description.ts';
import { installed } from '../servers/install.ts';

/**
 * The folder of a tool, which is installed where it is not there yet. Where it cannot be had, a test is told `undefined` and the reader
 * of its output why, except where `CI` is set: there it fails.
 */
export async function obtained(tool: Tool): Promise<string | undefined> {
  try {
    return await installed(tool);
  } catch (error) {
    if (isCi()) throw error;
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`\nTests cannot run: ${tool.name} ${tool.version} is missing. ${why}\n`);
    return undefined;
  }
}
