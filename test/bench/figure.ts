import type { Comparison } from './measure/comparison.ts';

/** What a figure may use: the run's length, folders that go with the run, and a line for whoever watches. */
export interface Context {
  /** A short form: fewer rounds, less data. Its figures show that all works, not how fast. */
  readonly quick: boolean;
  /** What is otherwise kept in memory, for the time it takes to make and remove, lies on the disk. */
  readonly patient: boolean;
  /** Has a million messages stored where a figure can, on the disk, also in its short form. */
  readonly million: boolean;
  /** A fresh folder on the file system that is measured, removed after the run. */
  readonly folder: () => Promise<string>;
  readonly progress: (text: string) => void;
  /** Says that something is not measured here, and what it lacks: at once, and in the report. */
  readonly missing: (what: string, why: string) => void;
}

/** One benchmark: what is measured, beside what. */
export interface Figure {
  readonly name: string;
  /** In one line, for `--help`. */
  readonly about: string;
  run(context: Context): Promise<readonly Comparison[]>;
}
