import { parseArgs } from 'node:util';

export interface Arguments {
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly patient: boolean;
  readonly million: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** @throws TypeError that says what is wrong. */
export function readArguments(argv: readonly string[], known: readonly string[]): Arguments {
  const flag = { type: 'boolean' } as const;
  const options = { quick: flag, patient: flag, million: flag, json: flag, help: flag };
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new TypeError(`there is no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
  const { quick = false, patient = false, million = false, json = false, help = false } = values;
  return { names: positionals.length === 0 ? known : positionals, quick, patient, million, json, help };
}
