export { createDepositConsumer, type DepositConsumer, type DepositConsumerOptions } from './create-deposit-consumer.ts';
export { DEPOSIT_CONSUMER_GROUP, depositConsumerTopics } from './topics.ts';
