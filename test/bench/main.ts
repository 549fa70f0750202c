// First: it counts what the modules of all others ask of the disk.
await import('./measure/count-io.ts');
const { run } = await import('./run.ts');
await run(process.argv.slice(2));
