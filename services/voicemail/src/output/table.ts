export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string;
  /** Numbers stand at the right. */
  readonly align?: 'right';
}

const GAP = '  ';

/**
 * Rows under their titles, lined up. What would move a terminal's cursor or colour it is shown as `�`: names and caller ids come
 * from outside.
 */
export function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => plain(value(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => width(line[at] ?? ''))));
  const lines = cells.map((line) =>
    columns
      .map(({ align }, at) => {
        const text = line[at] ?? '';
        const padding = ' '.repeat((widths[at] ?? 0) - width(text));
        return align === 'right' ? padding + text : text + padding;
      })
      .join(GAP)
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Text from outside, made harmless for a terminal and kept on one line. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu, '�');
}

const width = (text: string): number => [...text].length;
