import { databaseCounts, ioCounts } from '../measure/count-io.ts';

// Loaded by `--import` into a process whose writes are counted; the benchmark asks for them.
process.on('message', () => process.send?.({ io: ioCounts(), databases: databaseCounts() }));
// The channel alone keeps no process from ending.
process.channel?.unref();
