import { integer, section, yesOrNo } from './option.ts';

export const qualitySection = section('How well calls go: told to people in them, and kept.', {
  reportIntervalMs: integer({
    default: 5_000,
    min: 1_000,
    max: 60_000,
    unit: 'ms',
    about: 'How often a room is told of scores that changed.',
  }),
  journal: yesOrNo({ default: true, about: 'Writes a line for each peer that leaves a call into `calls` in dataDir.' }),
  journalDays: integer({
    default: 30,
    min: 1,
    max: 36_500,
    unit: 'days',
    about: 'How long these lines are kept.',
  }),
});
