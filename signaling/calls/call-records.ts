// What is left of calls: their steps in the logs of their rooms, and a list for everybody who had a leg.

import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { CallLeg, CallStep } from '../../proto/gen/types.ts';
import type { LogEntry } from '../log/log-entry.ts';
import type { Timelines } from '../log/timelines.ts';
import { callsOf } from '../people/room-names.ts';
import { ServerAppends } from '../people/server-appends.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import { callsAtKey, withoutParties, withParties } from './party-grants.ts';

interface CallRecordsParts {
  readonly timelines: Timelines;
  /** Of this node. */
  readonly life: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Of one person's list; older ones are forgotten, as what a room's settings say is. */
const listSettings = JSON.stringify({ retentionRecords: 1_000 });

export class CallRecords {
  readonly #parts: CallRecordsParts;
  /** By room; those that have something to write. */
  readonly #writers = new Map<RoomId, ServerAppends>();

  constructor(parts: CallRecordsParts) {
    this.#parts = parts;
  }

  /** Waited for, because whoever is rung must be able to come in. @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
  async started(call: LiveCall, parties: readonly Leg[], by: { identity: string; name: string }): Promise<void> {
    const timeline = await this.#parts.timelines.open(call.room);
    await timeline.append({
      kind: 'call',
      author: { identity: by.identity, name: by.name },
      clientId: `call:${call.id}:${parties[0]?.id ?? ''}`,
      content: { call: stepOf(call, 'started', { legs: parties.map((leg) => leg.toInfo()) }) },
      facts: { ...withParties(parties.map(({ identity }) => identity)), [callsAtKey(this.#parts.life())]: '1' },
    });
  }

  step(call: LiveCall, step: 'answered' | 'failed' | 'left' | 'held' | 'resumed' | 'transferred', leg: Leg): void {
    const info = leg.toInfo();
    this.#write(call.room, {
      kind: 'call',
      author: { identity: leg.identity, name: leg.name },
      content: { call: stepOf(call, step, { leg: info, reason: info.endReason }) },
    });
  }

  ended(call: LiveCall): void {
    const legs = call.legs.map((leg) => leg.toInfo());
    const { answeredAtMs, endedAtMs = 0, startedAtMs, endReason: reason, room } = call;
    const durationMs = answeredAtMs === undefined ? 0 : endedAtMs - answeredAtMs;
    const { subject, ownsRoom } = call.parts;
    const ended = stepOf(call, 'ended', { legs, reason, durationMs, room, startedAtMs, subject });
    const entry: LogEntry = { kind: 'call', clientId: `ended:${call.id}`, content: { call: ended } };
    const invited = call.legs.filter(({ stays }) => !stays).map(({ identity }) => identity);
    // In a room of others an invitation is over with the call.
    const over = { ...(!ownsRoom && withoutParties(invited)), [callsAtKey(this.#parts.life())]: null };
    this.#write(room, { ...entry, facts: over });
    const isConcerned = (leg: Leg) =>
      leg.kind === 'user' && (leg === call.caller || leg.wasRung || leg.answeredAtMs !== undefined);
    const people = new Set(call.legs.filter(isConcerned).map(({ identity }) => identity));
    for (const identity of people) this.#write(callsOf(identity), { ...entry, facts: { settings: listSettings } });
  }

  close(): void {
    for (const writer of this.#writers.values()) writer.close();
    this.#writers.clear();
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

function stepOf(
  { id: callId }: LiveCall,
  step: CallStep['step'],
  more: Partial<CallStep> & { readonly legs?: CallLeg[] },
): CallStep {
  return { callId, step, legs: [], reason: '', room: '', subject: '', ...more };
}
