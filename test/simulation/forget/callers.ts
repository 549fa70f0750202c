/** The callers of a simulated world, and everything by which one could be recognised. */

/** Somebody who leaves messages; the number is national, of ten digits. */
export interface Caller {
  /** Each spelling of one caller, as an ANI may come or a person may write it. */
  readonly spellings: readonly string[];
  /** What stands in every spelling, or in some: nothing else on a disk holds any of it. */
  readonly needles: readonly string[];
}

const EXCHANGES = ['121-2001', '121-2002', '121-2003'];

const ofNumber = (line: string): Caller => {
  const digits = `555${line.replace('-', '')}`;
  return {
    spellings: [
      `+1${digits}`,
      `(555) ${line}`,
      `555-${line}`,
      `sip:+1${digits}@gateway.example.net`,
      `tel:+1-555-${line}`,
      `<sip:${digits}@gateway.example.net;user=phone>`,
    ],
    needles: [digits, line],
  };
};

/** Who has no number has a name. */
const NAMED: Caller = {
  spellings: ['sip:Front.Desk-17@gateway.example.net', 'front.desk-17', 'sips:FRONT.DESK-17@gateway.example.net'],
  needles: ['front.desk-17', 'Front.Desk-17', 'FRONT.DESK-17'],
};

export const CALLERS: readonly Caller[] = [...EXCHANGES.map(ofNumber), NAMED];
