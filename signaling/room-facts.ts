// What a room keeps besides its records: keyed texts in the log, as values.

import type { RoomSettings } from '../proto/gen/types.ts';

export type Facts = ReadonlyMap<string, string>;

/** Something that a moderator laid on somebody; without `untilMs` it holds until it is lifted. */
export interface Hold {
  readonly untilMs?: number | undefined;
  /** When it was laid on: of too many the oldest goes. */
  readonly sinceMs?: number | undefined;
}

export type HoldKind = 'ban' | 'mute';

export interface HeldIdentity {
  readonly identity: string;
  readonly hold: Hold;
}

/** Until when, in milliseconds since 1970, what a moderator never ends by itself is said to hold. */
export const foreverMs = 8_640_000_000_000_000;

const noSettings: RoomSettings = { slowModeMs: 0, retentionMs: 0, retentionRecords: 0 };

export function settingsOf(facts: Facts): RoomSettings {
  return { ...noSettings, ...(parse(facts.get('settings')) as Partial<RoomSettings> | undefined) };
}

export const holdKey = (kind: HoldKind, identity: string): string => `${kind}:${identity}`;

/** What is laid on somebody and is not over. */
export function holdOn(facts: Facts, kind: HoldKind, identity: string, nowMs: number): Hold | undefined {
  const hold = parse(facts.get(holdKey(kind, identity))) as Hold | undefined;
  return hold === undefined || isOver(hold, nowMs) ? undefined : hold;
}

/** Undefined: it may write now. */
export function mutedUntilMs(facts: Facts, identity: string, nowMs: number): number | undefined {
  const mute = holdOn(facts, 'mute', identity, nowMs);
  return mute && (mute.untilMs ?? foreverMs);
}

/** All of one kind, those that are over among them, the oldest first. */
export function holdsOf(facts: Facts, kind: HoldKind): HeldIdentity[] {
  const prefix = holdKey(kind, '');
  const held: HeldIdentity[] = [];
  for (const [key, value] of facts) {
    if (key.startsWith(prefix)) held.push({ identity: key.slice(prefix.length), hold: parse(value) as Hold });
  }
  return held.sort((one, other) => (one.hold.sinceMs ?? 0) - (other.hold.sinceMs ?? 0));
}

export const isOver = ({ untilMs }: Hold, nowMs: number): boolean => untilMs !== undefined && untilMs <= nowMs;

/** The call that goes on. */
export interface OngoingCall {
  readonly startedAtMs: number;
  /** The track that it began with; older logs do not say. */
  readonly with?: string;
}

export function ongoingCall(facts: Facts): OngoingCall | undefined {
  return parse(facts.get('call')) as OngoingCall | undefined;
}

/** The two people of a direct conversation. */
export function partiesOf(facts: Facts): readonly string[] | undefined {
  return parse(facts.get('direct')) as readonly string[] | undefined;
}

function parse(value: string | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(value);
}
