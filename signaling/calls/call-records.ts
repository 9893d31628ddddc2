// What is left of calls: their steps in the logs of their rooms, and a list for everybody who had a leg; and of phones that were in
// a room without one.

import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { CallStep } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Timelines } from '../log/timelines.ts';
import { callsOf, journalOf } from '../people/room-names.ts';
import { ServerAppends } from '../people/server-appends.ts';
import { legsLeftBehind, nodeOf, openCallsIn, openFact, overFact } from './call-journal.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import { callsAtKey, withoutParties, withParties, withReaders } from './party-grants.ts';
import { openVisitFact, openVisitsIn, overVisitFact, type Visit, type VisitEnd, visitedEntry } from './visits.ts';

interface CallRecordsParts {
  readonly timelines: Timelines;
  /** Of this node. */
  readonly life: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Of one person's list; older ones are forgotten, as what a room's settings say is. */
const listSettings = JSON.stringify({ retentionRecords: 1_000 });

/** What is to be written of a call's end. */
interface Ending {
  readonly callId: string;
  readonly life: string;
  readonly room: RoomId;
  readonly ended: CallStep;
  /** Who has it in the list of calls. */
  readonly people: readonly string[];
  /** Whose invitation to the room is over. */
  readonly uninvited: readonly string[];
  /** Who may read on in the room, as it is the call's own. */
  readonly readers: readonly string[];
  /** Of the calls of that process in the room. */
  readonly isLast: boolean;
}

export class CallRecords {
  readonly #parts: CallRecordsParts;
  /** By room; those that have something to write. */
  readonly #writers = new Map<RoomId, ServerAppends>();

  constructor(parts: CallRecordsParts) {
    this.#parts = parts;
  }

  /** Waited for, because whoever is rung must be able to come in. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
  async started(call: LiveCall, parties: readonly Leg[], by: { identity: string; name: string }): Promise<void> {
    // To a room of others nobody calls who may not enter it anyway.
    const invited = call.parts.ownsRoom ? parties : parties.filter((leg) => leg !== call.caller);
    const identities = invited.map(({ identity }) => identity);
    for (const identity of identities) call.invited.add(identity);
    const timeline = await this.#parts.timelines.open(call.room);
    await timeline.append({
      kind: 'call',
      author: { identity: by.identity, name: by.name },
      clientId: `call:${call.id}:${parties[0]?.id ?? ''}`,
      content: { call: stepOf(call, 'started', { legs: parties.map((leg) => leg.toInfo()) }) },
      facts: { ...withParties(call.id, identities), [callsAtKey(this.#parts.life())]: '1' },
    });
    this.#keep(call);
  }

  step(call: LiveCall, step: 'answered' | 'failed' | 'left' | 'held' | 'resumed' | 'transferred', leg: Leg): void {
    const info = leg.toInfo();
    this.#write(call.room, {
      kind: 'call',
      author: { identity: leg.identity, name: leg.name },
      content: { call: stepOf(call, step, { leg: info, reason: info.endReason }) },
    });
    if (step === 'answered') this.#keep(call);
  }

  ended(call: LiveCall): void {
    const { answeredAtMs, endedAtMs = 0, endReason: reason } = call;
    const durationMs = answeredAtMs === undefined ? 0 : endedAtMs - answeredAtMs;
    const legs = call.legs.map((leg) => leg.toInfo());
    const others = call.parts.othersInRoom();
    const isConcerned = (leg: Leg) =>
      leg.ofUser && (leg === call.caller || leg.wasRung || leg.answeredAtMs !== undefined);
    this.#end({
      callId: call.id,
      life: this.#parts.life(),
      room: call.room,
      ended: endedStep(call, { legs, reason, durationMs, subject: call.parts.subject }),
      people: call.allLegs.filter(isConcerned).map(({ identity }) => identity),
      uninvited: [...call.invited],
      readers: call.parts.ownsRoom ? [...call.invited] : [],
      isLast: others.length === 0,
    });
    this.#write(journalOf(nodeOf(this.#parts.life())), journalEntry(call.id, overFact(call.id)));
  }

  /**
   * Ends what a process of that node left behind when it died. What is written is the same, whoever writes it. Resolves when whoever was
   * in those calls finds them in the list.
   * @throws {StoreError} by rejection.
   */
  async settle(node: string, isLiving: (life: string) => boolean): Promise<void> {
    const { timelines, clock } = this.#parts;
    const journal = journalOf(node);
    const [memory] = await timelines.roomLog.open([journal]);
    const endedAtMs = clock.nowMs();
    const people: string[] = [];
    const facts = new Map(Object.entries(memory?.facts ?? {}));
    for (const visit of openVisitsIn(facts)) {
      if (!isLiving(visit.life)) this.visited(visit, { endedAtMs, endReason: 'node-lost' }, node);
    }
    for (const entry of openCallsIn(facts)) {
      if (isLiving(entry.life)) continue;
      const legs = legsLeftBehind(entry, endedAtMs);
      const users = entry.legs.filter(({ kind, ofUser }) => kind === 'user' || ofUser).map(({ identity }) => identity);
      const parties = entry.legs.map(({ identity }) => identity);
      const { callId, life, room, subject, ownsRoom } = entry;
      const ended = endedStep({ id: callId, ...entry }, { legs, reason: 'node-lost', subject });
      this.#end({
        callId,
        life,
        room: room as RoomId,
        ended,
        people: users,
        uninvited: parties,
        readers: ownsRoom ? parties : [],
        isLast: true,
      });
      this.#write(journal, journalEntry(callId, overFact(callId)));
      people.push(...users);
    }
    await Promise.all([...new Set(people)].map((identity) => this.listed(identity)));
  }

  /** A phone has come into a room where it is in no call. */
  visitBegan(visit: Visit): void {
    const life = this.#parts.life();
    this.#write(journalOf(nodeOf(life)), journalEntry('', openVisitFact(visit, life)));
  }

  visited(visit: Visit, end: VisitEnd, node = nodeOf(this.#parts.life())): void {
    this.#write(visit.room as RoomId, visitedEntry(visit, end));
    this.#write(journalOf(node), journalEntry('', overVisitFact(visit)));
  }

  /** Whoever is told that a call is over finds it in the list. Waits no longer than the store answers. */
  async listed(identity: string): Promise<void> {
    await this.#writers.get(callsOf(identity))?.settled();
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close();
    this.#writers.clear();
  }

  /** As long as it goes on. */
  #keep(call: LiveCall): void {
    const life = this.#parts.life();
    if (!call.isOver) this.#write(journalOf(nodeOf(life)), journalEntry(call.id, openFact(call, life)));
  }

  #end({ callId, life, room, ended, people, uninvited, readers, isLast }: Ending): void {
    const entry: LogEntry = { kind: 'call', clientId: `ended:${callId}`, content: { call: ended } };
    this.#write(room, {
      ...entry,
      facts: {
        ...withoutParties(callId, uninvited),
        ...withReaders(readers),
        ...(isLast && { [callsAtKey(life)]: null }),
      },
    });
    for (const identity of new Set(people)) {
      this.#write(callsOf(identity), { ...entry, facts: { settings: listSettings } });
    }
  }

  #write(room: RoomId, entry: LogEntry): void {
    let writer = this.#writers.get(room);
    if (writer === undefined) {
      const { timelines, clock, log } = this.#parts;
      writer = new ServerAppends({
        timeline: { room, append: async (one) => (await timelines.open(room)).append(one) },
        clock,
        log,
        fence: () => undefined,
        leaveToOwner: () => false,
        onIdle: () => this.#writers.delete(room),
      });
      this.#writers.set(room, writer);
    }
    writer.add(entry);
  }
}

const journalEntry = (callId: string, facts: Record<string, string | null>): LogEntry => ({
  kind: 'call',
  content: { call: stepOf({ id: callId }, 'started', {}) },
  facts: { ...facts, settings: listSettings },
});

function endedStep(
  { id, room, startedAtMs }: Pick<LiveCall, 'id' | 'startedAtMs'> & { readonly room: string },
  more: Pick<CallStep, 'legs' | 'reason' | 'subject' | 'durationMs'>,
): CallStep {
  return stepOf({ id }, 'ended', { room, startedAtMs, ...more });
}

function stepOf({ id: callId }: Pick<LiveCall, 'id'>, step: CallStep['step'], more: Partial<CallStep>): CallStep {
  return { callId, step, legs: [], reason: '', room: '', subject: '', ...more };
}
