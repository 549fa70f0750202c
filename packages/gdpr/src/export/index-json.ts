import type { Contents } from './contents.ts';

/** The index for programs: JSON, one thing a line, in pieces. */
export async function* indexJson({ callers, messages, deadLetters, ...head }: Contents): AsyncGenerator<Uint8Array> {
  const opening = JSON.stringify(head, null, 2).slice(0, -2);
  yield Buffer.from(opening);
  for (const [name, lines] of Object.entries({ callers, messages, deadLetters })) {
    yield Buffer.from(`,\n  ${JSON.stringify(name)}: [`);
    let isFirst = true;
    for (const line of lines) {
      yield Buffer.from(`${isFirst ? '' : ','}\n    ${JSON.stringify(line)}`);
      isFirst = false;
    }
    yield Buffer.from(isFirst ? ']' : '\n  ]');
  }
  yield Buffer.from('\n}\n');
}
