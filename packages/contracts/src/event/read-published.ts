import { DeadLetterData } from '../data/dead-letter.ts';
import { MessageFactData } from '../data/message-fact.ts';
import { MwiData } from '../data/mwi.ts';
import { EVENT_TYPES } from '../topics.ts';
import { checkedEvent } from './checked-event.ts';
import { dataOf } from './read-record.ts';
import type { EventRecord } from './record.ts';

/** The data of a fact of `voicemail.messages`. @throws InvalidEvent with every fault. */
export const readMessageFact = (record: EventRecord): MessageFactData =>
  checkedEvent(record, EVENT_TYPES.message, dataOf(MessageFactData)).data;

/** The data of a record of `voicemail.mwi`. @throws InvalidEvent with every fault. */
export const readMwi = (record: EventRecord): MwiData => checkedEvent(record, EVENT_TYPES.mwi, dataOf(MwiData)).data;

/** The data of a record of `voicemail.dead-letters`. @throws InvalidEvent with every fault. */
export const readDeadLetter = (record: EventRecord): DeadLetterData =>
  checkedEvent(record, EVENT_TYPES.deadLetter, dataOf(DeadLetterData)).data;
