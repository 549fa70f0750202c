import { openBareDeposits } from '../bare/deposits.ts';
import type { Figure } from '../figure.ts';
import { postAll } from '../load/client.ts';
import { someAudio } from '../load/deposits.ts';
import { depositRequests } from '../load/requests.ts';
import { comparison } from '../measure/comparison.ts';
import { ioCounts } from '../measure/count-io.ts';
import { databaseSince, since } from '../measure/io-counts.ts';
import { perSecond, rounds } from '../measure/rounds.ts';
import { countedMessages, waitUntilCounted } from '../processes/drained.ts';
import { startServer } from '../processes/server.ts';

const AUDIO_BYTES = 8 * 1_024;
const CONNECTIONS = 32;
const DEPOSITS = 600;
const QUICK_DEPOSITS = 100;
const ACCEPTED = 202;

export const depositEndToEnd: Figure = {
  name: 'deposit-end-to-end',
  about: 'deposits/s from POST until stored and counted ÷ a bare loop of the same files, links, fsyncs and inserts',
  run: async (context) => {
    const count = context.quick ? QUICK_DEPOSITS : DEPOSITS;
    const audio = someAudio(AUDIO_BYTES);
    await using server = await startServer(await context.folder());
    const bare = await openBareDeposits(await context.folder());
    const counted = await rounds(context, 'deposit-end-to-end', async (round) => {
      const load = `end-${round}`;
      const requests = depositRequests(server.target, load, count, audio);
      const [before, start] = [await server.counts(), ioCounts()];
      const ours = await perSecond(count, async () => {
        await postAll(server.target, requests, CONNECTIONS, ACCEPTED);
        await waitUntilCounted(server, (round + 1) * count);
      });
      const after = await server.counts();
      const [log, counts] = ['/log.sqlite', '/mwi.sqlite'].map((name) =>
        databaseSince(before.databases, after.databases, name),
      ) as [ReturnType<typeof databaseSince>, ReturnType<typeof databaseSince>];
      const beside = await perSecond(count, () => bare.store(load, { deposits: count, log, counts }, audio));
      return {
        ours: { value: ours, io: since(before.io, after.io), count },
        beside: { value: beside, io: since(start, ioCounts()), count },
      };
    });
    bare.close();
    const shown = await countedMessages(server);
    const sent = (counted.length + 1) * count;
    if (shown !== sent) throw new Error(`${sent} deposits were sent, and the lamps show ${shown}`);
    return [
      comparison(
        {
          name: 'deposit-end-to-end',
          unit: 'deposits/s',
          ours: 'the server, from the first POST until every lamp shows its messages',
          beside: 'a bare loop without HTTP: as many files, links, fsyncs, rows and transactions',
        },
        counted,
      ),
    ];
  },
};
