// Phones and browsers of the benchmarks, in a process of their own: their CPU is nobody's business.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isRtcp, parseRtp } from '../../../media/mixer/rtp/rtp-packet.ts';
import { createRtpCaller, type LocalDtls, type RemoteTransport, type RtpCaller } from '../../media/rtp-caller.ts';
import { answerCalls } from '../../support/child-calls.ts';
import { quantile } from '../../support/statistics.ts';
import { type BenchCodec, host } from '../formats.ts';
import { Pacer } from '../load/pacer.ts';
import { type Outlet, Talker } from '../load/talker.ts';
import { type Ends, type Kind, TurnTaking } from '../load/turns.ts';
import { createToneVoice, createVoice, type Saying } from '../load/voices.ts';

export type LoadProcess = typeof calls;

/** By the numbers that `openSockets` and `openCaller` gave. */
type Way = { readonly socket: number; readonly port: number } | { readonly caller: number };

export interface Talk {
  readonly way: Way;
  readonly codec: BenchCodec;
  readonly ssrc?: number;
  readonly tellsLevel?: boolean;
  readonly says: Saying;
}

export interface TurnTalk extends Omit<Talk, 'says'> {
  /** Those of one room take turns. */
  readonly room: string;
  readonly kind: Kind;
  /** What a browser hears by; a phone hears by its socket. */
  readonly ears?: number;
}

const maxGaps = 1_000_000;

const sockets: Socket[] = [];
const callers: RtpCaller[] = [];
const rooms = new Map<string, TurnTaking>();
/** Who listens at a socket or a caller. */
const socketEnds: ((payload: Buffer, nowMs: number) => void)[] = [];
const callerEnds: ((payload: Buffer, nowMs: number) => void)[] = [];
const lastMs = new Map<number, number>();
const gapsMs: number[] = [];
let received = 0;
const pacer = new Pacer((nowMs) => {
  for (const room of rooms.values()) room.pass(nowMs);
});

const calls = {
  /** Answers with their numbers and ports. */
  async openSockets({ count }: { count: number }) {
    return Promise.all(Array.from({ length: count }, openSocket));
  },

  openCaller({ ssrc }: { ssrc: number }): { caller: number; dtlsParameters: LocalDtls } {
    const number = callers.length;
    const caller = createRtpCaller({
      ssrc,
      onRtp(packet) {
        received += 1;
        const payload = callerEnds[number] && parseRtp(packet)?.payload;
        if (payload) callerEnds[number]?.(payload, performance.now());
      },
    });
    callers.push(caller);
    return { caller: number, dtlsParameters: caller.dtlsParameters };
  },

  connectCaller: ({ caller, remote }: { caller: number; remote: RemoteTransport }) => callers[caller]?.connect(remote),

  talk({ talks }: { talks: readonly Talk[] }) {
    for (const [place, { way, codec, ssrc, tellsLevel = false, says }] of talks.entries()) {
      const voice = createVoice(codec, says, place);
      pacer.add(new Talker({ outlet: outletOf(way), codec, ssrc, tellsLevel, voice, onSent: undefined }));
    }
  },

  talkInTurns({ talks }: { talks: readonly TurnTalk[] }) {
    for (const { way, codec, ssrc, tellsLevel = false, room: name, kind, ears } of talks) {
      const room = rooms.get(name) ?? new TurnTaking();
      rooms.set(name, room);
      const voice = createToneVoice(codec);
      const end: Ends = { kind, voice };
      room.add(end);
      const hear = (payload: Buffer, nowMs: number) => room.heard(end, payload, nowMs);
      if (ears !== undefined) callerEnds[ears] = hear;
      if ('socket' in way) socketEnds[way.socket] = hear;
      const onSent = ({ isOnset }: { isOnset: boolean }, nowMs: number) => {
        if (isOnset) room.said(end, nowMs);
      };
      pacer.add(new Talker({ outlet: outletOf(way), codec, ssrc, tellsLevel, voice, onSent }));
    }
  },

  startTurns() {
    let atMs = performance.now();
    for (const room of rooms.values()) {
      room.start(atMs);
      // No multiple of a tick.
      atMs += 37;
    }
  },

  /** By the name of the room. */
  stopTurns: () => [...rooms].map(([name, room]) => ({ name, ...room.stop() })),

  /** Since it was asked last. `gapMsP99`: between two packets that a phone got. `lateMs`: how late the latest was sent. */
  count() {
    const counted = { sent: pacer.sent, lateMs: pacer.lateMs, received, gapMsP99: quantile(gapsMs.splice(0), 0.99) };
    pacer.sent = 0;
    pacer.lateMs = 0;
    received = 0;
    return counted;
  },

  closeAll() {
    pacer.stop();
    for (const socket of sockets.splice(0)) socket.close();
    for (const caller of callers.splice(0)) caller.close();
    rooms.clear();
    lastMs.clear();
    socketEnds.length = 0;
    callerEnds.length = 0;
  },
};

async function openSocket(): Promise<{ readonly socket: number; readonly port: number }> {
  // The address of this machine needs no looking up.
  const socket = createSocket({ type: 'udp4', lookup: (address, _options, callback) => callback(null, address, 4) });
  // With that it listens before `bind` returns.
  const listening = once(socket, 'listening');
  socket.bind(0, host);
  await listening;
  const number = sockets.push(socket) - 1;
  socket.on('message', (bytes, { port }) => {
    if (isRtcp(bytes)) return;
    received += 1;
    const nowMs = performance.now();
    // Phones share sockets; each is called from another port.
    const call = number * 65_536 + port;
    const before = lastMs.get(call);
    lastMs.set(call, nowMs);
    if (before !== undefined && gapsMs.length < maxGaps) gapsMs.push(nowMs - before);
    const payload = socketEnds[number] && parseRtp(bytes)?.payload;
    if (payload) socketEnds[number]?.(payload, nowMs);
  });
  return { socket: number, port: socket.address().port };
}

/** @throws {Error} for a number that was not given. */
function outletOf(way: Way): Outlet {
  const caller = 'caller' in way ? callers[way.caller] : undefined;
  if (caller) return { caller };
  const socket = 'socket' in way ? sockets[way.socket] : undefined;
  if (socket && 'port' in way) return { socket, port: way.port };
  throw new Error(`There is no end ${JSON.stringify(way)}.`);
}

answerCalls(calls, calls.closeAll);
