import type { Clock, Ids, Logger } from '@voicemail/runtime';
import type { TopicSettings } from '../port.ts';

/** Whom the brokers know us as. Every file is read anew for each connection, so an exchanged secret needs no restart. */
export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly passwordFile: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly tokenFile: string };

/** Paths of PEM files, read anew for each connection. */
export interface KafkaTls {
  /** Whose certificates are believed; those that the machine believes unless told. */
  readonly caFile?: string;
  /** Our own certificate and its key, where the brokers ask for one. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface KafkaLogOptions {
  /** `<host>:<port>` of some brokers to begin with; they name the others. */
  readonly brokers: readonly string[];
  /** What the brokers' own logs and quotas call this process. */
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly sasl?: KafkaSasl;
  /** Every topic that can be appended to or subscribed. Those that the brokers do not have yet are made. */
  readonly topics: readonly TopicSettings[];
  /** Of each topic, when it is made, and the fewest that one which is there may have; 12 unless told. */
  readonly partitions?: number;
  /** Of each topic, when it is made; the brokers' own default unless told. */
  readonly replicationFactor?: number;
  /** How long a segment of a trimmed topic takes records, ms; 30 min unless told. What is done leaves the disk no earlier. */
  readonly segmentMs?: number;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'random' | 'uuid'>;
  /** Key, header and value bytes of one record together; 16 MiB less a little for its frame unless told. */
  readonly maxRecordBytes?: number;
  /** Told what the client says of its connections; never what is in a record. */
  readonly logger?: Pick<Logger, 'warn' | 'debug'>;
}
