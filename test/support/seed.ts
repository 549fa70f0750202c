import { isLongForm } from '@voicemail/testing';
import fc from 'fast-check';

/** Of every property that names none. The long form looks at other cases each time. */
const SEED = 20_260_302;

if (!isLongForm()) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED });
