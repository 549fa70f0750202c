import { asks, judge, type World } from './world.ts';

/** What must not be so at an end. */
export function faultsOf(world: World): string[] {
  const { messages, requests } = world;
  const faults = [...world.faults];
  for (const [of, { meta, marks }] of messages.entries()) {
    const verdict = judge(requests, of, null);
    if (meta === 'live' && verdict.kind === 'suppress') faults.push('a live message of an erased caller');
    if (marks.length > 0 && !marks.some((id) => asks(requests[id]))) faults.push('a mark that no request asks for');
    if (requests.every(({ operation, covers }) => operation === 'forget' && of >= covers)) {
      if (meta !== 'live' || marks.length > 0) faults.push('a message from after the cutoff that is touched');
    }
  }
  for (const [id, request] of requests.entries()) {
    const isUndone = requests.some(
      ({ operation, phase }, later) => later > id && operation === 'undo' && phase === 'undone',
    );
    if (request.operation === 'forget' && isUndone && asks(request))
      faults.push('a forget that goes on after its undo');
  }
  return faults;
}
