// Somebody in a room who speaks and hears by real ICE, DTLS and SRTP, and looks at every packet.

import { createOpusStream, opusRtpParameters, packetIntervalMs } from '../../bench/media/opus-stream.ts';
import { createRtpCaller, type RtpCaller } from '../../bench/media/rtp-caller.ts';
import type { PeerId } from '../../core/ids.ts';
import type { PayloadTypes } from '../../media/engine.ts';
import type { Media, RoomMedia } from '../../media/media.ts';

export interface HeardTrack {
  readonly consumerId: string;
  /** In the order in which they came. */
  readonly sequenceNumbers: readonly number[];
  readonly payloadTypes: ReadonlySet<number>;
}

export interface RoomCaller extends Disposable {
  readonly peerId: PeerId;
  readonly producerId: string;
  /** Sends so many packets of sound, 50 a second. */
  talk(packets: number): Promise<void>;
  /** Sends until the answer is called. */
  startTalking(): () => void;
  hear(producerId: string): Promise<HeardTrack>;
  /** Makes all of it anew, as a client does after a reset. What it heard before does not go on. */
  startAnew(): Promise<void>;
}

interface Options {
  readonly media: Media;
  readonly room: RoomMedia;
  readonly peerId: PeerId;
  /** Of an offer of its own, to receive by. */
  readonly payloadTypes?: PayloadTypes;
}

let lastSsrc = 10_000;

/** Resolves when it has sent something and can hear others. */
export async function startRoomCaller({ media, room, peerId, payloadTypes }: Options): Promise<RoomCaller> {
  let connections: RtpCaller[] = [];
  let heard = new Map<number, { sequenceNumbers: number[]; payloadTypes: Set<number> }>();
  let speaking: { caller: RtpCaller; stream: ReturnType<typeof createOpusStream> };
  let receiving = '';
  let producerId = '';

  async function connect(direction: 'send' | 'recv', ssrc: number, onRtp: (packet: Buffer) => void) {
    const caller = createRtpCaller({ ssrc, onRtp });
    connections.push(caller);
    const rtpCapabilities = direction === 'recv' ? media.rtpCapabilities : undefined;
    const byOffer = direction === 'recv' && payloadTypes ? { payloadTypes } : {};
    const made = await room.createTransport(peerId, { direction, rtpCapabilities, ...byOffer });
    await room.connectTransport(peerId, made.transportId, caller.dtlsParameters);
    await caller.connect(made);
    return { caller, transportId: made.transportId };
  }

  function onRtp(packet: Buffer): void {
    const track = heard.get(packet.readUInt32BE(8));
    track?.sequenceNumbers.push(packet.readUInt16BE(2));
    track?.payloadTypes.add(packet.readUInt8(1) & 0x7f);
  }

  async function start(): Promise<void> {
    heard = new Map();
    lastSsrc += 10;
    const ssrc = lastSsrc;
    const [send, recv] = await Promise.all([connect('send', ssrc, () => {}), connect('recv', ssrc + 1, onRtp)]);
    receiving = recv.transportId;
    const made = await room.produce(peerId, {
      transportId: send.transportId,
      owner: peerId,
      kind: 'audio',
      source: 'microphone',
      rtpParameters: opusRtpParameters(ssrc),
      paused: false,
    });
    producerId = made.producerId;
    speaking = { caller: send.caller, stream: createOpusStream({ ssrc }) };
  }

  function close(): void {
    for (const connection of connections) connection.close();
    connections = [];
  }

  function say(): void {
    speaking.caller.send(speaking.stream.next());
  }

  await start();
  return {
    peerId,
    get producerId() {
      return producerId;
    },
    talk: (packets) =>
      new Promise((resolve) => {
        let left = packets;
        const timer = setInterval(() => {
          say();
          left -= 1;
          if (left > 0) return;
          clearInterval(timer);
          resolve();
        }, packetIntervalMs);
      }),
    startTalking() {
      const timer = setInterval(say, packetIntervalMs);
      return () => clearInterval(timer);
    },
    async hear(of) {
      const made = await room.consume(peerId, { transportId: receiving, producerId: of });
      const track = { sequenceNumbers: [] as number[], payloadTypes: new Set<number>() };
      heard.set(made.rtpParameters.encodings[0]?.ssrc ?? 0, track);
      await room.resumeConsumer(peerId, made.consumerId);
      return { consumerId: made.consumerId, ...track };
    },
    async startAnew() {
      close();
      await start();
    },
    [Symbol.dispose]: close,
  };
}
