// For tests: people with microphones that are open all the time, and who hears them, as plain RTP callers.

import { createOpusStream, markOf, opusRtpParameters } from '../../../bench/media/opus-stream.ts';
import { createRtpCaller, type RtpCaller } from '../../../bench/media/rtp-caller.ts';
import { createPeerId, type PeerId } from '../../../core/ids.ts';
import type { RtpCapabilities } from '../../../proto/gen/types.ts';
import type { RoomMedia } from '../../media.ts';

/** Of a room: what comes of a microphone that nobody speaks into. */
export const silence = -70;
export const voice = -30;
/** An utterance in a mark, and how many packets of it came before. */
const asMark = (utterance: number, packet: number) => (utterance << 8) | packet;

/** Somebody with a microphone that is open all the time; says nothing until a test wants it. */
export interface Speaker {
  readonly peerId: PeerId;
  readonly producerId: string;
  levelDbov: number;
  utterance: number;
  /** Packets of the utterance so far. */
  said: number;
  send(): void;
}

const toClose: RtpCaller[] = [];

export function closePeople(): void {
  for (const caller of toClose.splice(0)) caller.close();
}

export async function connectSpeaker(room: RoomMedia, ssrc: number): Promise<Speaker> {
  const peerId = createPeerId();
  const caller = createRtpCaller({ ssrc, onRtp: () => {} });
  toClose.push(caller);
  const transport = await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
  await room.connectTransport(peerId, transport.transportId, caller.dtlsParameters);
  await caller.connect(transport);
  const rtpParameters = opusRtpParameters(ssrc);
  const options = { owner: peerId, kind: 'audio', source: 'microphone', paused: false } as const;
  const { producerId } = await room.produce(peerId, { ...options, transportId: transport.transportId, rtpParameters });
  const stream = createOpusStream({ ssrc });
  const speaker: Speaker = {
    peerId,
    producerId,
    levelDbov: silence,
    utterance: 0,
    said: 0,
    send() {
      const { levelDbov, utterance } = speaker;
      const mark = levelDbov === silence ? 0 : asMark(utterance, speaker.said++);
      caller.send(stream.next({ levelDbov, mark }));
    },
  };
  return speaker;
}

export interface Received {
  packets: number;
  /** The sequence number of the last packet of each SSRC, and how often one did not follow the one before. */
  readonly sequences: Map<number, { last: number; gaps: number }>;
  /** By utterance: the first packet of it that came. */
  readonly firsts: Map<number, number>;
}

export async function connectListener(rtpCapabilities: RtpCapabilities, room: RoomMedia) {
  const peerId = createPeerId();
  const received: Received = { packets: 0, sequences: new Map(), firsts: new Map() };
  const caller = createRtpCaller({
    ssrc: 999,
    onRtp(packet) {
      received.packets += 1;
      const [ssrc, sequence] = [packet.readUInt32BE(8), packet.readUInt16BE(2)];
      const before = received.sequences.get(ssrc);
      const isGap = before !== undefined && ((before.last + 1) & 0xffff) !== sequence;
      received.sequences.set(ssrc, { last: sequence, gaps: (before?.gaps ?? 0) + Number(isGap) });
      const mark = markOf(packet);
      const utterance = mark >> 8;
      if (utterance > 0 && !received.firsts.has(utterance)) received.firsts.set(utterance, mark & 0xff);
    },
  });
  toClose.push(caller);
  const transport = await room.createTransport(peerId, { direction: 'recv', rtpCapabilities });
  await room.connectTransport(peerId, transport.transportId, caller.dtlsParameters);
  await caller.connect(transport);
  return [{ peerId, transportId: transport.transportId }, received] as const;
}
