import { systemClock, systemIds } from '@voicemail/runtime';
import { openSqliteLog } from '../open.ts';

/** Opens the log, says so or why not, and keeps it until it is killed. */
const [file = ''] = process.argv.slice(2);
try {
  await openSqliteLog({ file, topics: [], clock: systemClock(), ids: systemIds() });
  process.stdout.write('open\n');
  setInterval(() => {}, 1_000);
} catch (error) {
  process.stdout.write(
    `${error instanceof Error ? `${'code' in error ? String(error.code) : ''} ${error.message}` : ''}\n`,
  );
}
