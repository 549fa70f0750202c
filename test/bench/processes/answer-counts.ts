import { databaseCounts, ioCounts } from '../measure/count-io.ts';

// Loaded by `--import` into a process whose writes and time are counted; the benchmark asks for them.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ io: ioCounts(), databases: databaseCounts(), cpuUs: user + system });
});
// The channel alone keeps no process from ending.
process.channel?.unref();
