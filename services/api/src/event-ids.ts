import type { Clock, Ids } from '@voicemail/runtime';

/** Ids of events that this process makes: of two with the same time the later made is the greater, so that it wins. */
export function eventIds(clock: Clock, ids: Ids): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${String(clock.now()).padStart(15, '0')}-${String(count).padStart(9, '0')}-${ids.token()}`;
  };
}
