// What was acknowledged and what readers were told of it, written down by clients; and whether the one follows from the other.

export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

export interface Acknowledged extends Place {
  readonly room: string;
  readonly author: string;
  readonly clientId: string;
  readonly messageId: string;
}

export interface ToldRecord extends Place {
  readonly messageId: string;
  /** Of messages: who wrote it, by which id of its own, and how many it had written to this room before. */
  readonly message?: { readonly author: string; readonly clientId: string; readonly number: number } | undefined;
}

export interface ToldGap {
  readonly reason: string;
  readonly before: Place;
  readonly after: Place;
}

/** One client as a reader of one room. */
export class Reader {
  readonly name: string;
  readonly room: string;
  readonly events: ({ readonly record: ToldRecord } | { readonly gap: ToldGap })[] = [];

  constructor(name: string, room: string) {
    this.name = name;
    this.room = room;
  }

  told(record: ToldRecord): void {
    this.events.push({ record });
  }

  gap(gap: ToldGap): void {
    this.events.push({ gap });
  }

  get records(): ToldRecord[] {
    return this.events.flatMap((event) => ('record' in event ? [event.record] : []));
  }

  get gaps(): ToldGap[] {
    return this.events.flatMap((event) => ('gap' in event ? [event.gap] : []));
  }
}

export interface Findings {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly reordered: readonly string[];
  /** How often readers were told of a gap. */
  readonly gaps: number;
}

/**
 * Lost: acknowledged, and a reader was told neither the record nor a gap that it lies in. Doubled: told twice, or written
 * twice into one epoch. Reordered: numbers that do not follow each other, two records under one number, or messages of one
 * author in another order than it wrote them.
 */
export function judge(acknowledged: readonly Acknowledged[], readers: readonly Reader[]): Findings {
  const lost: string[] = [];
  const doubled: string[] = [];
  const reordered: string[] = [];
  const ids = new Map<string, string>();
  for (const reader of readers) {
    doubled.push(...findDoubled(reader));
    reordered.push(...findReordered(reader));
    for (const { epoch, seq, messageId } of reader.records) {
      const place = `${reader.room} ${epoch} ${seq}`;
      const other = ids.get(place) ?? messageId;
      ids.set(place, other);
      if (other !== messageId) reordered.push(`${place}: ${reader.name} was told ${messageId}, others ${other}`);
    }
    const told = new Map(reader.records.map((record) => [record.messageId, record.seq]));
    for (const ack of acknowledged) {
      if (ack.room !== reader.room) continue;
      const name = `${ack.room} ${ack.epoch} ${ack.seq} of ${ack.author} (${ack.clientId})`;
      const seq = told.get(ack.messageId);
      if (seq === undefined && !isInGap(ack, reader)) lost.push(`${name}: ${reader.name} was not told`);
      if (seq !== undefined && seq !== ack.seq) reordered.push(`${name}: ${reader.name} was told number ${seq}`);
    }
  }
  return { lost, doubled, reordered, gaps: readers.reduce((sum, { gaps }) => sum + gaps.length, 0) };
}

/** A gap leads from a place of one epoch to one of another, or of the same; all that is between them is lost to the reader. */
function isInGap({ epoch, seq }: Place, { gaps, records }: Reader): boolean {
  const isBetween = ({ before, after }: ToldGap) => {
    if (before.epoch === after.epoch) return epoch === before.epoch && seq > before.seq && seq <= after.seq;
    return (epoch === before.epoch && seq > before.seq) || (epoch === after.epoch && seq <= after.seq);
  };
  if (gaps.some(isBetween)) return true;
  // An epoch that began and ended while the reader was away.
  const stoodIn = new Set([...records.map((record) => record.epoch), ...gaps.map(({ after }) => after.epoch)]);
  return !stoodIn.has(epoch) && gaps.some(({ before, after }) => before.epoch !== after.epoch);
}

function findDoubled({ name, room, records }: Reader): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  for (const { epoch, seq, messageId, message } of records) {
    const keys = [`id ${messageId}`, ...(message ? [`${epoch} ${message.author} ${message.clientId}`] : [])];
    for (const key of keys) {
      if (seen.has(key)) found.push(`${room} ${epoch} ${seq}: ${name} was told ${key} again`);
      seen.add(key);
    }
  }
  return found;
}

function findReordered({ name, room, events }: Reader): string[] {
  const found: string[] = [];
  let at: Place | undefined;
  let written = new Map<string, number>();
  for (const event of events) {
    if ('gap' in event) {
      at = event.gap.after;
      // What was not acknowledged before the log was set back is written again, behind what is there.
      written = new Map();
      continue;
    }
    const { epoch, seq, message } = event.record;
    if (at && (epoch !== at.epoch || seq !== at.seq + 1))
      found.push(`${room}: ${name} went from ${at.epoch} ${at.seq} to ${epoch} ${seq} without a gap`);
    at = event.record;
    if (!message) continue;
    const last = written.get(message.author) ?? -1;
    if (message.number <= last)
      found.push(
        `${room} ${epoch} ${seq}: ${name} was told message ${message.number} of ${message.author} after ${last}`,
      );
    written.set(message.author, message.number);
  }
  return found;
}
