import { spellSpan } from './describe-event.ts';

interface WritingState {
  readonly slowModeMs: number;
  /** When the reader may write again; undefined: now. */
  readonly mutedUntilMs: number | undefined;
  /** When the reader's newest message was sent. */
  readonly lastOwnAtMs: number | undefined;
  /** Moderators are exempt from slow mode. */
  readonly isModerator: boolean;
  readonly nowMs: number;
}

export interface WritingHint {
  readonly text: string;
  /** Nothing can be sent now. */
  readonly blocks: boolean;
}

/** From here on the server means “until a moderator ends it”. */
const foreverMs = 8_640_000_000_000_000;
const clock = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
});

/** What somebody should know before writing; undefined when there is nothing. */
export function writingHint(state: WritingState): WritingHint | undefined {
  const { slowModeMs, mutedUntilMs, lastOwnAtMs, isModerator, nowMs } = state;
  if (mutedUntilMs !== undefined && mutedUntilMs > nowMs) {
    const until =
      mutedUntilMs >= foreverMs
        ? 'You can read, not write.'
        : `You can write again from ${clock.format(mutedUntilMs)}.`;
    return { text: `A moderator muted you in this chat. ${until}`, blocks: true };
  }
  if (slowModeMs === 0 || isModerator) return undefined;
  const waitMs = lastOwnAtMs === undefined ? 0 : lastOwnAtMs + slowModeMs - nowMs;
  if (waitMs > 0) return { text: `Slow mode: you can write again in ${spellSpan(waitMs)}.`, blocks: true };
  return { text: `Slow mode: one message every ${spellSpan(slowModeMs)}.`, blocks: false };
}
