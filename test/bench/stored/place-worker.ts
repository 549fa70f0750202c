import { workerData } from 'node:worker_threads';
import { placeMessages, type PlacedMessages } from './place-messages.ts';

// A thread that places its share of the messages.
placeMessages(workerData as PlacedMessages);
