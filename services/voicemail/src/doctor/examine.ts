import { systemClock } from '@voicemail/runtime';
import type { CommandContext } from '../command-context.ts';
import { checkClock, checkDataFolder, checkNode, checkSecret } from './check-machine.ts';
import { checkServer } from './check-server.ts';
import { checkStores } from './check-stores.ts';
import { fine, look, wrong, type Finding } from './finding.ts';

/** Looks at everything, also after something was found wrong. */
export async function examine(context: CommandContext): Promise<readonly Finding[]> {
  const { config } = context;
  const machine = [checkNode(), await checkClock(config, systemClock())];
  if (config.serverUrl !== null) return [...machine, ...(await server(context))];
  return [
    ...machine,
    await checkDataFolder(config),
    ...(config.token === null ? [await checkToken(context)] : []),
    await checkKeyFile(context),
    ...(await stores(context)),
    ...(await server(context)),
  ];
}

function checkToken({ config: { data, tokenFile } }: CommandContext): Promise<Finding> {
  const name = 'token file';
  const absent =
    tokenFile === null
      ? fine(name, 'is not there yet: the first start makes it')
      : wrong(name, `${tokenFile} is not there`, 'Mount the file, or unset VOICEMAIL_TOKEN_FILE.');
  return checkSecret(name, tokenFile ?? data.token, absent);
}

function checkKeyFile({ config: { data, callerHashKeyFile } }: CommandContext): Promise<Finding> {
  const name = 'caller-hash key';
  const absent =
    callerHashKeyFile === null
      ? fine(name, 'is not there yet: the first start makes it')
      : wrong(name, `${callerHashKeyFile} is not there`, 'Mount the file, or unset CALLER_HASH_KEY_FILE.');
  return checkSecret(name, callerHashKeyFile ?? data.callerHashKey, absent);
}

/** Several looks that may fail before the first of them. */
async function together(
  name: string,
  advice: string,
  check: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  let found: readonly Finding[] = [];
  const failed = await look(name, advice, async () => {
    found = await check();
    return fine(name, '');
  });
  return failed.ok ? found : [failed];
}

const server = (context: CommandContext): Promise<readonly Finding[]> =>
  together('server', 'Look at the log of the server.', () => checkServer(context));
const stores = (context: CommandContext): Promise<readonly Finding[]> =>
  together('tenants', 'Look at the tenants’ file and its rights.', () => checkStores(context));
