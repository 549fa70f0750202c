import type { Contents, LetterLine, MessageLine } from './contents.ts';

/** The index for people: one page, without scripts; whatever came from outside is text in it. In pieces. */
export async function* indexHtml(contents: Contents): AsyncGenerator<Uint8Array> {
  const { requestId, tenant, cutoff, createdAt, callers, messages, deadLetters } = contents;
  yield Buffer.from(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Voicemail of ${text(requestId)}</title>
<style>
body { font: 15px/1.4 sans-serif; margin: 2em; }
table { border-collapse: collapse; margin: 1em 0 2em; }
th, td { border: 1px solid #bbb; padding: 0.3em 0.6em; text-align: left; vertical-align: top; }
code { word-break: break-all; }
</style>
</head>
<body>
<h1>Voicemail of request ${text(requestId)}</h1>
<p>Tenant ${text(tenant)}. Everything of these callers from ${text(cutoff)} or before, as it was at ${text(createdAt)}.</p>
${table(
  ['Caller', 'Messages when asked', 'Rejected records when asked', 'Files here'],
  callers.map(({ caller, erased, found, files }) => [
    `${text(caller)}${erased ? ' (erased)' : ''}`,
    text(found?.messages),
    text(found?.deadLetters),
    text(files.length),
  ]),
)}<h2>Messages</h2>
<table>
${row('th', ['Time', 'Duration', 'Mailbox', 'Message', 'State', 'Caller', 'Region', 'Recording', 'Bytes', 'SHA-256'])}`,
  );
  for (const message of messages) yield Buffer.from(row('td', messageCells(message)));
  yield Buffer.from('</table>\n');
  if (deadLetters.length > 0) {
    yield Buffer.from('<h2>Rejected records, which never became messages</h2>\n<table>\n');
    yield Buffer.from(
      row('th', ['Time', 'Reason', 'Topic', 'Region', 'Record', 'Bytes', 'SHA-256', 'Recording', 'Bytes', 'SHA-256']),
    );
    for (const letter of deadLetters) yield Buffer.from(row('td', letterCells(letter)));
    yield Buffer.from('</table>\n');
  }
  yield Buffer.from('</body>\n</html>\n');
}

function messageCells(line: MessageLine): readonly string[] {
  const { depositedAt, durationMs, mailbox, messageId, callerId, region, size, sha256 } = line;
  const marks = [
    line.state,
    ...(line.priority === 'urgent' ? ['urgent'] : []),
    ...(line.private === true ? ['private'] : []),
    ...(line.forgetMarkedAt === undefined ? [] : ['marked for deletion']),
  ];
  return [
    text(depositedAt),
    text(durationText(durationMs)),
    text(mailbox),
    text(messageId),
    text(line.status === 'gone' ? 'deleted' : marks.join(', ')),
    text(callerId),
    text(region),
    fileCell(line),
    text(size),
    `<code>${text(sha256)}</code>`,
  ];
}

function letterCells(line: LetterLine): readonly string[] {
  const { takenAt, reason, topic, region, size, sha256, staged } = line;
  return [
    text(takenAt),
    text(reason),
    text(topic),
    text(region),
    fileCell(line),
    text(size),
    `<code>${text(sha256)}</code>`,
    staged === undefined ? '' : fileCell({ ...staged, status: staged.file === null ? 'gone' : 'included' }),
    text(staged?.size),
    `<code>${text(staged?.sha256)}</code>`,
  ];
}

const MISSING = { included: '', gone: 'deleted meanwhile', 'recording-missing': 'not in its store' } as const;

function fileCell({ file, status }: Pick<LetterLine, 'file' | 'status'>): string {
  if (file === null) return text(MISSING[status]);
  // Below the page, whatever the name: one that looks like an address is none.
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `<a href="./${text(path)}">${text(file)}</a>`;
}

/** Minutes and seconds; nothing where that is not known. */
function durationText(durationMs: number | null | undefined): string | null {
  if (durationMs === null || durationMs === undefined) return null;
  const seconds = Math.round(durationMs / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const row = (tag: 'td' | 'th', cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>\n`;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table>\n${row('th', heads)}${rows.map((cells) => row('td', cells)).join('')}</table>\n`;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const text = (value: string | number | null | undefined): string =>
  String(value ?? '').replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
