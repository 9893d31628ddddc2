// The media of rooms and phones as a server has it: a worker, one mixer thread, and the main loop that tells them what to do.

import { systemClock } from '../../../core/clock.ts';
import { createPeerId, type PeerId } from '../../../core/ids.ts';
import { silentLogger } from '../../../core/log.ts';
import type { RoomMedia } from '../../../media/media.ts';
import { createPhoneMedia } from '../../../media/phones/create-phone-media.ts';
import type { PhoneLeg, PhoneMedia } from '../../../media/phones/phone-media.ts';
import { createParleySide, type ParleySide } from '../../media/parley-side.ts';
import type { LocalDtls, RemoteTransport } from '../../media/rtp-caller.ts';
import { answerCalls } from '../../support/child-calls.ts';
import { type BenchCodec, describeEnd, host, microphone, portOf } from '../formats.ts';

export type ServerProcess = typeof calls;

/** Below what systems take for outgoing connections. */
const ports = { portMin: 20_000, portMax: 29_999 };
/** How late ticks are is what is measured: nobody is refused for it. */
const limits = { maxLateMs: 100_000, silenceTimeoutMs: 600_000 };

let running: { readonly side: ParleySide; readonly phones: PhoneMedia } | undefined;
const rooms = new Map<string, RoomMedia>();
const legs: PhoneLeg[] = [];

const calls = {
  async start() {
    const side = await createParleySide('phones');
    const options = { threads: 1, listenIp: host, ...limits, ...ports };
    const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger });
    running = { side, phones };
    return { workerPid: side.workerPids[0] ?? 0 };
  },

  /** Phones that speak PCMU come into a room; answers with the ports that they are to send to, in their order. */
  async enterPhones({ room: name, ports: theirs }: { room: string; ports: readonly number[] }): Promise<number[]> {
    const { phones } = started();
    const answered: number[] = [];
    for (const port of theirs) {
      const leg = await phones.openLeg({
        id: `${name}-${legs.length}`,
        codecs: ['PCMU'],
        srtp: 'never',
        announced: host,
        inBandDtmf: false,
        levelControl: false,
        noiseGate: false,
        comfortNoise: false,
      });
      legs.push(leg);
      answered.push(portOf(await leg.answer(describeEnd(port, 'PCMU'))));
      await leg.enter(roomOf(name), createPeerId(), leg.id);
    }
    return answered;
  },

  /** Somebody in the room whose voice comes as plain RTP; answers with where to. */
  async openSource({ room: name, port, codec, ssrc }: SourceOptions): Promise<number> {
    const source = await roomOf(name).openSource(createPeerId(), { ip: host, port });
    await source.produce({
      owner: `source-${ssrc}`,
      kind: 'audio',
      source: 'microphone',
      paused: false,
      rtpParameters: microphone(codec, ssrc),
    });
    return source.target.port;
  },

  /** A browser comes into a room with a transport each way. */
  async openBrowser({ room: name, sends, hears }: BrowserOptions) {
    const { media } = started().side;
    const room = roomOf(name);
    const peer = createPeerId();
    const open = async (direction: 'send' | 'recv', dtlsParameters: LocalDtls) => {
      const rtpCapabilities = direction === 'recv' ? media.rtpCapabilities : undefined;
      const transport = await room.createTransport(peer, { direction, rtpCapabilities });
      await room.connectTransport(peer, transport.transportId, dtlsParameters);
      return transport satisfies RemoteTransport;
    };
    return { peer, sends: await open('send', sends), hears: await open('recv', hears) };
  },

  async openMicrophone({ room: name, peer, transportId, codec, ssrc }: MicrophoneOptions): Promise<void> {
    await roomOf(name).produce(peer, {
      transportId,
      owner: peer,
      kind: 'audio',
      source: 'microphone',
      paused: false,
      rtpParameters: microphone(codec, ssrc),
    });
  },

  /** A browser hears everybody else who is there. */
  async listen({ room: name, peer, transportId }: ListenOptions): Promise<void> {
    const room = roomOf(name);
    for (const { peerId, producer } of room.allProducers()) {
      if (peerId === peer) continue;
      const { consumerId } = await room.consume(peer, { transportId, producerId: producer.producerId });
      await room.resumeConsumer(peer, consumerId);
    }
  },

  lateness() {
    const [thread] = started().phones.stats().threads;
    return { p50: thread?.lateMsP50 ?? Number.NaN, p99: thread?.lateMsP99 ?? Number.NaN };
  },

  /** How many legs pass packets as they are. */
  async passing(): Promise<number> {
    const stats = await Promise.all(legs.map((leg) => leg.stats()));
    return stats.filter(({ passedThrough }) => passedThrough).length;
  },

  clear() {
    for (const leg of legs.splice(0)) leg.close();
    for (const room of rooms.values()) room.close();
    rooms.clear();
  },
};

interface SourceOptions {
  readonly room: string;
  readonly port: number;
  readonly codec: BenchCodec;
  readonly ssrc: number;
}

interface BrowserOptions {
  readonly room: string;
  readonly sends: LocalDtls;
  readonly hears: LocalDtls;
}

interface ListenOptions {
  readonly room: string;
  readonly peer: PeerId;
  readonly transportId: string;
}

interface MicrophoneOptions extends ListenOptions {
  readonly codec: BenchCodec;
  readonly ssrc: number;
}

function started() {
  if (!running) throw new Error('The server was not started.');
  return running;
}

function roomOf(name: string): RoomMedia {
  const room = rooms.get(name) ?? started().side.media.openRoom(name);
  rooms.set(name, room);
  return room;
}

answerCalls(calls, async () => {
  await running?.phones.close();
  await running?.side[Symbol.asyncDispose]();
});
