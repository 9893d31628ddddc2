import { integer, section, text, yesOrNo } from './option.ts';

export const recordingSection = section('Recordings of rooms. Each track is a file of its own.', {
  enabled: yesOrNo({ default: false, about: 'Lets those record whose token grants `record`. Off: RECORDING_REFUSED.' }),
  dir: text({ default: '', about: 'The folder of the recordings. Empty: `recordings` in dataDir.' }),
  maxRunning: integer({
    default: 8,
    min: 1,
    max: 1_000,
    about: 'Recordings at once. Beyond that: RECORDING_REFUSED.',
  }),
  maxHours: integer({ default: 8, min: 1, max: 168, unit: 'hours', about: 'A recording ends after so long.' }),
  minFreeBytes: integer({
    default: 2_147_483_648,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'bytes',
    about: 'With less space left on the disk no recording starts, and those that run end.',
  }),
  retentionDays: integer({
    default: 30,
    min: 0,
    max: 36_500,
    unit: 'days',
    about: 'Recordings that ended longer ago are deleted. 0: none.',
  }),
  retentionBytes: integer({
    default: 0,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    unit: 'bytes',
    about: 'With more than this in the folder the oldest recordings are deleted. 0: none.',
  }),
});
