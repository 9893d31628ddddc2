// What a room keeps besides its records: keyed values, as this folder reads and writes them.

export type Facts = ReadonlyMap<string, string>;

/** Something that a moderator laid on somebody; without `untilMs` it holds until it is lifted. */
export interface Hold {
  readonly untilMs?: number | undefined;
  /** When it was laid on: of too many the oldest goes. */
  readonly sinceMs?: number | undefined;
}

export type HoldKind = 'ban' | 'mute';

export const holdKey = (kind: HoldKind, identity: string): string => `${kind}:${identity}`;

/** What is laid on somebody and is not over. */
export function holdOn(facts: Facts, kind: HoldKind, identity: string, nowMs: number): Hold | undefined {
  const hold = parse(facts.get(holdKey(kind, identity))) as Hold | undefined;
  return hold === undefined || isOver(hold, nowMs) ? undefined : hold;
}

export interface HeldIdentity {
  readonly identity: string;
  readonly hold: Hold;
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

/** When the call that goes on began. */
export function callStartedAtMs(facts: Facts): number | undefined {
  return (parse(facts.get('call')) as { startedAtMs: number } | undefined)?.startedAtMs;
}

/** The two people of a direct conversation. */
export function partiesOf(facts: Facts): readonly string[] | undefined {
  return parse(facts.get('direct')) as readonly string[] | undefined;
}

function parse(value: string | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(value);
}
