// Bans, mutes and settings of a room, as changes of its log: what holds is what the log says, after a restart as before.

import type { Restriction, RoomSettings } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';
import { type Facts, type Hold, type HoldKind, holdKey, holdOn, holdsOf, isOver, settingsOf } from '../room-facts.ts';

type Author = NonNullable<LogEntry['author']>;

const words = {
  ban: { on: 'banned', off: 'unbanned' },
  mute: { on: 'muted', off: 'unmuted' },
} as const;

/**
 * Lays a hold on somebody. Those that are over are dropped with it, and of more than `max` the oldest. Undefined when
 * exactly this holds already.
 */
export function holdEntry(
  facts: Facts,
  kind: HoldKind,
  subject: { identity: string; untilMs: number | undefined },
  by: { author: Author; nowMs: number; max: number },
): LogEntry | undefined {
  const { identity, untilMs } = subject;
  const { author, nowMs, max } = by;
  const current = holdOn(facts, kind, identity, nowMs);
  if (current !== undefined && current.untilMs === untilMs) return undefined;
  const hold: Hold = { ...(untilMs !== undefined && { untilMs }), sinceMs: nowMs };
  const others = holdsOf(facts, kind).filter((other) => other.identity !== identity);
  const lasting = others.filter((other) => !isOver(other.hold, nowMs));
  const kept = new Set(lasting.slice(Math.max(lasting.length - (max - 1), 0)));
  const dropped = others.filter((other) => !kept.has(other)).map((other) => [holdKey(kind, other.identity), null]);
  return {
    kind: words[kind].on,
    author,
    content: { subject: identity, ...(untilMs !== undefined && { untilMs }) },
    facts: { ...Object.fromEntries(dropped), [holdKey(kind, identity)]: JSON.stringify(hold) },
  };
}

/** Lifts a hold. Undefined when there is none. */
export function liftEntry(
  facts: Facts,
  kind: HoldKind,
  identity: string,
  by: { author: Author; nowMs: number },
): LogEntry | undefined {
  if (holdOn(facts, kind, identity, by.nowMs) === undefined) return undefined;
  const key = holdKey(kind, identity);
  return { kind: words[kind].off, author: by.author, content: { subject: identity }, facts: { [key]: null } };
}

/** Undefined when the room has exactly these settings. */
export function configureEntry(facts: Facts, settings: RoomSettings, author: Author): LogEntry | undefined {
  const { slowModeMs, retentionMs, retentionRecords } = settings;
  const wanted = { slowModeMs, retentionMs, retentionRecords };
  const value = JSON.stringify(wanted);
  if (JSON.stringify(settingsOf(facts)) === value) return undefined;
  return { kind: 'configured', author, content: { settings: wanted }, facts: { settings: value } };
}

/** Everything that holds, bans first, each kind in the order in which it was laid on. */
export function listRestrictions(facts: Facts, nowMs: number): Restriction[] {
  return (['ban', 'mute'] as const).flatMap((kind) =>
    holdsOf(facts, kind)
      .filter(({ hold }) => !isOver(hold, nowMs))
      .map(({ identity, hold: { untilMs } }) => ({
        identity,
        kind: words[kind].on,
        ...(untilMs !== undefined && { untilMs }),
      })),
  );
}
