import type { RtpPacket } from '../rtp/rtp-packet.ts';
import type { Leg } from '../thread/leg.ts';
import type { Member, RoomMix } from './room-mix.ts';
import type { TapVoice } from './tap-voice.ts';

/** Two who are alone in a room: a phone, and another one or a voice from a worker. */
export type Pair = readonly [Member, Member | TapVoice];

/**
 * Where two are alone and speak one codec, packets go from one to the other as they came: nothing is decoded, and no jitter
 * buffer but the listener's own holds them up. Asked before each tick, as a prompt, a digit or another codec may end it.
 * Undefined: what they say is mixed.
 */
export function passDirectly(room: RoomMix, before: Pair | undefined): Pair | undefined {
  const pair = pairOf(room);
  if (pair && before && pair[0] === before[0] && pair[1] === before[1]) return before;
  if (before) endPair(before);
  if (!pair) return undefined;
  const [one, other] = pair;
  passFrom(one, other);
  if ('leg' in other) passFrom(other, one);
  else other.pass((packet, dbov, atMs) => passTo(one.leg, packet, atMs, dbov));
  return pair;
}

/** To be done at once where one of them leaves: another room may let it pass before the next tick of this one. */
export function endPair(pair: Pair): void {
  for (const side of pair) ('leg' in side ? side.leg : side).pass(undefined);
}

/** What a phone says goes to the other phone, and into the room for whoever records it or is on another node. */
function passFrom({ leg, outlet }: Member, to: Member | TapVoice): void {
  leg.pass((packet, codec, dbov, atMs) => {
    if (!leg.isHeard) return;
    if (outlet?.codec === codec) outlet.forward(packet, dbov, atMs);
    // Another codec than the one that was asked for: until the next tick.
    if ('leg' in to && to.leg.output.codec === codec) passTo(to.leg, packet, atMs, dbov);
  });
}

/** What throws is the listener's, and not of whom it hears. */
function passTo(leg: Leg, packet: RtpPacket, atMs: number, dbov: number): void {
  try {
    leg.hearPacket(packet, atMs, dbov);
  } catch (error) {
    leg.fail(error);
  }
}

function pairOf({ members, voices }: RoomMix): Pair | undefined {
  if (members.size + voices.size !== 2) return undefined;
  const [one, second] = members.values();
  const other = second ?? voices.values().next().value;
  if (!one || !other || !canPass(one, other)) return undefined;
  return 'leg' in other && !canPass(other, one) ? undefined : [one, other];
}

/** Whether what the other says can go to this phone as it comes, and what this one says can go its way. */
function canPass({ leg }: Member, other: Member | TapVoice): boolean {
  const says = 'leg' in other ? (other.leg.input.codec ?? other.leg.media?.codec) : other.facts.codec;
  return leg.isUntouched && !leg.input.isExamined && leg.output.codec === says;
}
