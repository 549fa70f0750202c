#!/bin/sh
# Makes the topics of the voicemail system beforehand, where its processes may not (they need DESCRIBE and DESCRIBE_CONFIGS all the same).
#   BROKERS=kafka-0:9092 REPLICATION_FACTOR=3 PARTITIONS=12 CONFIG=client.properties sh create-topics.sh
set -eu
: "${BROKERS:?name some brokers: BROKERS=host:port}"

create() {
  topic=$1
  shift
  configs=''
  for setting in "$@"; do configs="$configs --config $setting"; done
  # shellcheck disable=SC2086 # settings hold no blanks
  kafka-topics.sh --bootstrap-server "$BROKERS" ${CONFIG:+--command-config "$CONFIG"} --create --if-not-exists --topic "$topic" \
    --partitions "${PARTITIONS:-12}" --replication-factor "${REPLICATION_FACTOR:-3}" $configs
}

create voicemail.deposits message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.message-actions message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
create voicemail.mailboxes message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=compact
create voicemail.gdpr.requests message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.messages message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
create voicemail.mwi message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=compact
create voicemail.gdpr.status message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=2592000000 retention.bytes=-1
create voicemail.dead-letters message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=2592000000 retention.bytes=-1
create voicemail.deposits.retry.1s message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.deposits.retry.10s message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.deposits.retry.1m message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.deposits.retry.10m message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1 segment.ms=1800000
create voicemail.message-actions.retry.1s message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
create voicemail.message-actions.retry.10s message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
create voicemail.message-actions.retry.1m message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
create voicemail.message-actions.retry.10m message.timestamp.type=LogAppendTime max.message.bytes=16777216 cleanup.policy=delete retention.ms=604800000 retention.bytes=-1
