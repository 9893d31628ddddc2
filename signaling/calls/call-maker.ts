// Makes calls and their legs, and has them written down.

import type { RoomId } from '../../core/ids.ts';
import type { CallsParts } from './calls-parts.ts';
import type { Leg, LegDescription } from './leg.ts';
import { LiveCall } from './live-call.ts';
import type { LiveCallParts } from './live-call-parts.ts';
import type { RingTarget } from './ring-target.ts';
import { noTelephony } from './telephony.ts';

export class CallMaker {
  readonly #parts: CallsParts;

  constructor(parts: CallsParts) {
    this.#parts = parts;
  }

  create(
    id: string,
    room: RoomId,
    wish: Pick<LiveCallParts, 'subject' | 'video' | 'clientId' | 'ringMs' | 'startedBy' | 'ownsRoom'>,
  ): LiveCall {
    const { registry, telephony, clock, defer, records, tell, browsersOf, knownWithinMs, roomSize, takeOut, log } =
      this.#parts;
    const { subject, video, clientId, ringMs, startedBy, ownsRoom } = wish;
    const call: LiveCall = new LiveCall({
      id,
      room,
      ownsRoom,
      startedBy,
      subject,
      video,
      clientId,
      ringMs,
      // Of users browsers alone ring where no phone could come in.
      telephony: () => (this.#parts.isEncrypted(room) ? noTelephony : telephony),
      clock,
      defer,
      records,
      tell,
      browsersOf,
      knownWithinMs,
      roomSize: () => roomSize(room),
      othersInRoom: () => registry.in(room).filter((one) => one !== call),
      takeOut: (leg, peerId) => takeOut(room, peerId, leg.life),
      onLegAdded: (leg) => registry.legAdded(call, leg),
      onLegOver: (leg) => registry.legOver(call, leg),
      onEnded() {
        registry.forget(call);
        log.info({ callId: id, room, endReason: call.endReason }, 'call ended');
      },
    });
    registry.add(call);
    log.info({ callId: id, room, startedBy }, 'call started');
    return call;
  }

  /** Whom it is for is rung by LiveCall.ring; the name follows where another node has to be asked. */
  addLeg(call: LiveCall, target: RingTarget): Leg {
    const leg = call.add(this.#describe(target));
    if (leg.kind !== 'user' || leg.name !== '') return leg;
    void this.#parts.nameElsewhere(leg.identity).then((name) => {
      if (name === '' || leg.name !== '' || leg.isOver) return;
      leg.name = name;
      call.changed();
    });
    return leg;
  }

  #describe(target: RingTarget): LegDescription {
    if ('user' in target) return { target, identity: target.user, name: this.#parts.nameOf(target.user) };
    return { target, identity: 'number' in target ? `tel:${target.number}` : target.uri, name: '' };
  }

  /** What cannot be kept is not begun: whoever is rung could not come in. */
  async recorded(call: LiveCall, legs: readonly Leg[], by: { identity: string; name: string }): Promise<void> {
    try {
      await this.#parts.records.started(call, legs, by);
    } catch (error) {
      for (const leg of legs) if (!leg.isOver) call.end(leg, 'failed');
      throw error;
    }
  }
}
