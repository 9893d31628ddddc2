const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** What dialogs offer. The key is what a form carries. */
export const durations = {
  'ten-minutes': { text: '10 minutes', durationMs: 10 * minuteMs },
  hour: { text: '1 hour', durationMs: hourMs },
  day: { text: '1 day', durationMs: dayMs },
  week: { text: '1 week', durationMs: 7 * dayMs },
  open: { text: 'Until a moderator ends it', durationMs: undefined },
} as const;

export type DurationKey = keyof typeof durations;

export const durationKeys = Object.keys(durations) as readonly DurationKey[];

/** What the room offers as slow mode, in milliseconds; 0: off. */
export const slowModes = [0, 5_000, 10_000, 30_000, minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs] as const;
