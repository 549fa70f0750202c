/** Why one thing of many stays as it is: a person must look at it. The message tells nothing of a caller. */
export class ForAPerson extends Error {
  override readonly name = 'ForAPerson';
}
