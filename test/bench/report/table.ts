export type Cell = { readonly text: string; readonly align: 'left' | 'right' };

export const left = (text: string): Cell => ({ text, align: 'left' });
export const right = (text: string): Cell => ({ text, align: 'right' });

/** Rows under their headings, in columns, as a table of Markdown: it reads alike in a terminal and in the docs. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isRight = headings.map((_, column) => rows[0]?.[column]?.align === 'right');
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.text.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, column) => fill(text, widths[column] ?? 0, isRight[column] === true)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    isRight[column] === true ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(headings), line(rule), ...rows.map((row) => line(row.map(({ text }) => text)))].join('\n');
}

const fill = (text: string, width: number, isRight: boolean): string =>
  isRight ? text.padStart(width) : text.padEnd(width);
