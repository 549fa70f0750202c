/** Which files of journeys are told a second time, on Kafka and Redis. */
const JOURNEYS = 'test/journey';
const file = (name: string): string => `${JOURNEYS}/${name}.test.ts`;

/** Of Kafka and Redis by themselves, or of no log at all. */
export const NOT_TOLD_TWICE: readonly string[] = ['distributed', 'store-costs'].map(file);

/** Those that pass by every part and take a few seconds. */
export const SHORT_FORM: readonly string[] = ['embedded', 'stop'].map(file);

/** Every journey is, where there is time for it. */
export const ALL = `${JOURNEYS}/*.test.ts`;

/** Stands in for the others in the short form. */
export const LEFT_OUT = 'test/support/left-out.test.ts';
