export { createGdprSaga, type GdprSaga, type GdprSagaOptions } from './create-gdpr-saga.ts';
export { GDPR_SAGA_GROUP } from './limits.ts';
