import { createLogger, onShutdown, version } from '@voicemail/runtime';
import { Argument, type Command } from 'commander';
import { UsageError } from '../cli-error.ts';
import { SERVICE_NAMES, type ServiceName } from '../service-names.ts';
import type { CommandContext, Run } from '../command-context.ts';
import { reportFailure } from '../report-failure.ts';

export function addStart(program: Command, run: Run): void {
  program
    .command('start')
    .description('run everything in this process, on DATA_DIR, or on Kafka and Redis; ends on SIGTERM or Ctrl-C')
    .action(() => run('start', (context) => start(context, SERVICE_NAMES)));
  program
    .command('service')
    .description('run one service in this process, on Kafka and Redis; ends on SIGTERM or Ctrl-C')
    .addArgument(new Argument('<name>', 'which one').choices(SERVICE_NAMES))
    .action((name: ServiceName) => run(`service ${name}`, (context) => startOne(context, name)));
}

function startOne(context: CommandContext, name: ServiceName): Promise<void> {
  if (context.config.distributed !== null) return start(context, [name]);
  throw new UsageError(
    'A service is a process of its own on Kafka and Redis: set KAFKA_BROKERS and REDIS_URL. `voicemail start` runs all of them without.',
  );
}

async function start(context: CommandContext, services: readonly ServiceName[]): Promise<void> {
  const { config, clock, ids, terminal, startedMs } = context;
  const [only, ...others] = services;
  const loggerName = only !== undefined && others.length === 0 ? only : 'voicemail';
  const logger = createLogger({ level: config.logLevel, name: loggerName, clock });
  let failed: number | null = null;
  const shutdown = onShutdown({ logger, clock, exit: (code) => process.exit(failed ?? code) });
  try {
    const { openServices } = await import('../server/open-services.ts');
    const listen = { host: config.host, port: config.port };
    const server = await openServices({
      config,
      clock,
      ids,
      logger,
      listen,
      services,
      command: context.command,
      isShared: true,
      stops: shutdown,
    });
    const { ready, checks } = await server.health.report();
    const startMs = Math.round(clock.monotonicMs() - startedMs);
    for (const { name, detail } of checks.filter(({ ok }) => !ok)) logger.warn({ check: name, detail }, 'Not ready');
    logger.info(
      { port: Number(new URL(server.url).port), ready, startMs, processMs: Math.round(clock.monotonicMs()) },
      'ready',
    );
    if (terminal.isTerminal && config.distributed === null) terminal.print(banner(context, server.url));
  } catch (error) {
    failed = reportFailure(error, terminal, { LOG_LEVEL: config.logLevel });
    await shutdown.stop('the start failed');
  }
}

/** What a person wants to know who has just started it. */
function banner({ config, terminal }: CommandContext, url: string): string {
  const bold = (text: string): string => terminal.style('bold', text);
  const tokenFile = config.tokenFile ?? config.data.token;
  const token = config.token === null ? `$(cat ${inShell(tokenFile)})` : '$VOICEMAIL_TOKEN';
  return `
  ${bold(`voicemail ${version()}`)} is ready on ${terminal.style('cyan', url)}

  data     ${config.data.root}
  token    ${config.token === null ? tokenFile : 'from VOICEMAIL_TOKEN'}
  try      npx pnpm voicemail deposit hello.wav --mailbox 9876 --caller "+1 555 121 2000"
           npx pnpm voicemail mwi --watch
           curl -H "Authorization: Bearer ${token}" ${url}/v1/mailboxes
  stop     Ctrl-C

`;
}

/** A path as a shell takes it, whatever is in it. */
const inShell = (path: string): string => `'${path.replaceAll("'", String.raw`'\''`)}'`;
