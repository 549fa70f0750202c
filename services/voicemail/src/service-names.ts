/** The services, each of which may be a process of its own on Kafka and Redis (CONTRACT section 10). */
export const SERVICE_NAMES = ['deposit-consumer', 'mwi-projector', 'gdpr-saga', 'api'] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
