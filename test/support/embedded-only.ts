/** Journeys that are not told on Kafka and Redis, by their full names, and why. */
export const EMBEDDED_ONLY: Readonly<Record<string, string>> = {
  'a volume > that holds the log and is full refuses events with 503, says why, and takes them again when there is room':
    'The log is in Kafka and not on a volume of the process.',
  'an action > waits for its message, which may come within the hour':
    'Kafka stamps a record by its own clock, which no test moves: a retry that waits after an hour has passed was due long ago.',
  'a record that can never be handled > is found by its caller, and gone after 25 days':
    'It is about one millisecond, and needs a clock that stands still.',
  'a caller who asks to be forgotten > is marked at once, deleted by the first run after a day, and erased; an undo before that keeps everything':
    'It begins again a day later by CLOCK_OFFSET, which is refused beside Kafka; test/distributed/forget.test.ts tells it there.',
  'what a store deleted behind our back leaves the lamp with the next run of the rule, and the request is erased':
    'It deletes in the volume of the master region, which is on S3 there; packages/gdpr/src/own-rule.test.ts tells it of every kind of store.',
};
