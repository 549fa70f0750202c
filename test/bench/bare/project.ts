import type { LampTables } from './lamp-tables.ts';
import { shares } from './shares.ts';

/** How much a projector did: counted on ours, so that the bare one does as much. */
export interface ProjectedWork {
  readonly facts: number;
  /** Rows that were put for lamps: counts, and that they were published. */
  readonly lampRows: number;
  readonly lampsPublished: number;
  readonly countCommits: number;
  readonly logCommits: number;
}

/** Reads facts, puts entries and lamps, appends lamps: as many rows in as many transactions, one after the other. */
export function projectBarely(tables: LampTables, work: ProjectedWork): void {
  const facts = shares(work.facts, work.countCommits);
  const rows = shares(work.lampRows, work.countCommits);
  const published = shares(work.lampsPublished, work.logCommits);
  let heard: string[] = [];
  let last = '';
  for (let at = 0; at < Math.max(work.countCommits, work.logCommits); at += 1) {
    if (at < work.countCommits) {
      heard = [];
      tables.inCounts(() => {
        for (let fact = 0; fact < (facts[at] ?? 0); fact += 1) heard.push((last = tables.countNext().mailbox));
        for (let row = 0; row < (rows[at] ?? 0); row += 1) tables.putLamp(heard[row % heard.length] ?? last);
      });
    }
    if (at >= work.logCommits) continue;
    tables.inLog(() => {
      for (let lamp = 0; lamp < (published[at] ?? 0); lamp += 1) {
        const mailbox = heard[lamp % heard.length] ?? last;
        tables.publish(`t100/${mailbox}`, lampOf(mailbox));
      }
      tables.noteProgress();
    });
  }
}

/** As long as a lamp is in the log. */
export function lampOf(mailbox: string): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: '/voicemail/mwi-projector',
    type: 'voicemail.mwi.v1',
    time: now,
    datacontenttype: 'application/json',
    data: {
      tenant: 't100',
      mailbox,
      kind: 'personal',
      users: [],
      messagesWaiting: true,
      new: 1,
      old: 0,
      urgentNew: 0,
      urgentOld: 0,
      revision: Date.now(),
      asOf: now,
      full: false,
      messageSummary: `Messages-Waiting: yes\r\nMessage-Account: sip:${mailbox}@voice.example.com\r\nVoice-Message: 1/0 (0/0)\r\n`,
    },
  });
}
