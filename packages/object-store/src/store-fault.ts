import type { StoreErrorKind } from './store-error.ts';

/** What was found wrong deep inside, where the call and its key are not known; `storeError` names them. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}
