import { readFile } from 'node:fs/promises';

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** `FROM`, `COPY`, … */
  readonly name: string;
  /** `--from=…` and the like, without the dashes. */
  readonly flags: Readonly<Record<string, string>>;
  /** The words after them; of the exec form (JSON), its strings. */
  readonly words: readonly string[];
}

/** A stage, which begins with its `FROM`. */
export interface Stage {
  /** The image that it begins with. */
  readonly base: string;
  readonly name: string | null;
  /** In their order, without the `FROM`. */
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile as this project writes them: no variables, no here-documents. */
export async function readDockerfile(path: string): Promise<readonly Stage[]> {
  const lines = (await readFile(path, 'utf8'))
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n');
  const instructions = lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(instructionOf);
  const stages: { base: string; name: string | null; instructions: Instruction[] }[] = [];
  for (const instruction of instructions) {
    const [base = '', , name = null] = instruction.words;
    if (instruction.name === 'FROM') stages.push({ base, name, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

function instructionOf(line: string): Instruction {
  const [name = '', ...words] = line.split(/\s+/);
  const isFlag = (word: string): boolean => /^--[a-z]+=/.test(word);
  const count = words.findIndex((word) => !isFlag(word));
  const flags = words.slice(0, count).map((flag) => flag.slice(2).split(/=(.*)/s).slice(0, 2));
  const rest = words.slice(count);
  const text = rest.join(' ');
  return {
    name,
    flags: Object.fromEntries(flags) as Record<string, string>,
    words: text.startsWith('[') ? (JSON.parse(text) as string[]) : rest,
  };
}
