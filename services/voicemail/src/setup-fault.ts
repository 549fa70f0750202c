/** What a person must put right before the process can start; the message says what to do. */
export class SetupFault extends Error {
  override readonly name = 'SetupFault';
}
