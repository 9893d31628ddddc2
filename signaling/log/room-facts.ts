// The facts of a room that the log keeps as texts, as values.

import type { RoomSettings } from '../../proto/gen/types.ts';

type Facts = ReadonlyMap<string, string>;

/** Until when, in milliseconds since 1970, what a moderator never ends by itself is said to hold. */
export const foreverMs = 8_640_000_000_000_000;

const noSettings: RoomSettings = { slowModeMs: 0, retentionMs: 0, retentionRecords: 0 };

export function settingsOf(facts: Facts): RoomSettings {
  const text = facts.get('settings');
  return text === undefined ? noSettings : { ...noSettings, ...(JSON.parse(text) as Partial<RoomSettings>) };
}

/** Undefined: it may write now. */
export function mutedUntilMs(facts: Facts, identity: string, nowMs: number): number | undefined {
  return untilMs(facts.get(`mute:${identity}`), nowMs);
}

function untilMs(fact: string | undefined, nowMs: number): number | undefined {
  if (fact === undefined) return undefined;
  const { untilMs = foreverMs } = JSON.parse(fact) as { untilMs?: number };
  return untilMs > nowMs ? untilMs : undefined;
}
