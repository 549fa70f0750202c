import { z } from 'zod';

/** One thing that is wrong with a variable of the environment. The value itself is not in it: it may be a secret. */
export interface ConfigFault {
  readonly variable: string;
  /** `is missing`, `must be …`: reads on from the variable's name. */
  readonly problem: string;
  /** A value that would do. */
  readonly example?: string;
}

/** The environment cannot be used; `faults` has everything that is wrong with it, the message too. */
export class InvalidConfig extends Error {
  readonly code = 'invalid-config';
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(
      ({ variable, problem, example }) =>
        `  ${variable} ${problem}${example === undefined ? '' : ` (for example ${variable}=${example})`}`,
    );
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`);
    this.name = 'InvalidConfig';
    this.faults = faults;
  }
}

/** What `process.env` is. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a process's configuration once. The schema's keys are the names of the variables; defaults are given as a site would write
 * them, with `.prefault('PT5M')`. A variable that is set to nothing counts as not set, as deployment templates write those.
 * @param across what only several variables together show, from the texts that are given: told beside the faults of single ones.
 * @throws InvalidConfig with every fault, not the first one alone.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Environment,
  across: (given: Readonly<Record<string, string>>) => readonly ConfigFault[] = () => [],
): Readonly<z.output<S>> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((name) => {
      const text = env[name]?.trim();
      return text === undefined || text === '' ? [] : [[name, text]];
    }),
  );
  const result = schema.safeParse(given);
  const single = result.success
    ? []
    : result.error.issues.map((issue): ConfigFault => {
        const variable = String(issue.path[0] ?? '');
        const isMissing = schema.shape[variable] !== undefined && !(variable in given);
        return { variable, problem: isMissing ? 'is missing' : issue.message };
      });
  const several = across(given).filter(({ variable }) => !single.some((fault) => fault.variable === variable));
  const faults = [...single, ...several];
  if (result.success && faults.length === 0) return Object.freeze(result.data);
  throw new InvalidConfig(
    faults.map((fault) => {
      // Of what was right by itself another value is no help.
      const isHelp = single.includes(fault) || !(fault.variable in given);
      const example = isHelp ? exampleOf(schema.shape[fault.variable]) : undefined;
      return example === undefined ? fault : { ...fault, example };
    }),
  );
}

/** The `example` of a schema's meta data, through the wrappers that `.prefault()`, `.optional()` and pipes put round it. */
function exampleOf(schema: unknown): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const example = schema.meta()?.['example'];
  if (typeof example === 'string') return example;
  const inside = schema.def as { readonly innerType?: unknown; readonly in?: unknown };
  return exampleOf(inside.innerType ?? inside.in);
}
