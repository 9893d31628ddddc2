import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as reading } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { RoomMix } from '../room/room-mix.ts';
import { RoomOutlet } from '../room/room-outlet.ts';
import { TapVoice } from '../room/tap-voice.ts';
import { isRtcp, parseRtp } from '../rtp/rtp-packet.ts';
import { Leg, type LegState } from './leg.ts';
import type { LegEvent, LegNumbers, LegSettings, MixerCalls, RoomEntry, TapVoiceFacts } from './mixer-calls.ts';
import { nowMs } from './now.ts';
import { maxPayloadBytes, SendBuffers } from './send-buffers.ts';
import type { PlayOptions, Sound } from './sounds.ts';

/** Voices of a hundred rooms while the thread is busy for half a second, where Linux gives as much (net.core.rmem_max). */
const tapBufferBytes = 4 * 1024 * 1024;
const host = '127.0.0.1';

interface MixerParts {
  readonly tell: (leg: number, event: LegEvent) => void;
  /** Something threw that is no leg's: it ended, and all else goes on. */
  readonly onFailed: (error: unknown) => void;
  /** Some packet came. */
  readonly onRead: () => void;
}

/** The legs and rooms of one thread. */
export class Mixer implements MixerCalls {
  readonly #parts: MixerParts;
  readonly #buffers = new SendBuffers();
  readonly #legs = new Map<number, Leg>();
  readonly #rooms = new Map<number, RoomMix>();
  /** By leg. */
  readonly #roomOf = new Map<number, RoomMix>();
  /** By where their packets come from. */
  readonly #voices = new Map<number, TapVoice>();
  readonly #tap: Socket;
  readonly #origin: Socket;

  private constructor(parts: MixerParts, tap: Socket, origin: Socket) {
    this.#parts = parts;
    this.#tap = tap;
    this.#origin = origin;
    tap.on('message', (bytes, { port }) => {
      parts.onRead();
      this.#takeVoice(bytes, port);
    });
  }

  static async create(parts: MixerParts): Promise<Mixer> {
    const [tap, origin] = await Promise.all([bindHere(tapBufferBytes), bindHere()]);
    return new Mixer(parts, tap, origin);
  }

  /** Where taps are to send. */
  get tapPort(): number {
    return this.#tap.address().port;
  }

  /** Where voices of legs come from. */
  get originPort(): number {
    return this.#origin.address().port;
  }

  get legs(): number {
    return this.#legs.size;
  }

  get rooms(): number {
    return this.#rooms.size;
  }

  /** `atMs`: when it was due. */
  tick(atMs: number): void {
    for (const room of this.#rooms.values()) {
      try {
        room.tick(atMs);
      } catch (error) {
        for (const { leg } of [...room.members.values()]) leg.fail(error);
      }
    }
    for (const leg of this.#legs.values()) {
      try {
        if (!leg.isInRoom) leg.listen(atMs, undefined);
      } catch (error) {
        leg.fail(error);
      }
    }
    const now = nowMs();
    for (const leg of this.#legs.values()) {
      try {
        if (!leg.isInRoom) leg.hear(heardFrom(leg.bridged), atMs, leg.bridged?.input.level);
        // Round-trip times are told from when a report is sent, not from when it was due.
        leg.report(now);
      } catch (error) {
        leg.fail(error);
      }
    }
  }

  openLeg(id: number, settings: LegSettings): Promise<void> {
    return this.#open(id, settings, undefined);
  }

  async passLeg(id: number, to: MessagePort): Promise<void> {
    // What came for it while the thread was busy is read: it would be lost with its socket.
    await reading();
    try {
      const leg = this.#require(id);
      const state = leg.state();
      this.#forget(leg);
      leg.close({ moved: true });
      to.postMessage(state);
    } catch (error) {
      to.close();
      throw error;
    }
  }

  async takeLeg(id: number, settings: LegSettings, from: MessagePort): Promise<void> {
    try {
      await this.#open(id, settings, await stateFrom(from));
    } finally {
      from.close();
    }
  }

  closeLeg(id: number): void {
    const leg = this.#legs.get(id);
    if (!leg) return;
    this.#forget(leg);
    leg.close({ moved: false });
  }

  setMedia(id: number, media: LegMedia, heldByUs: boolean): void {
    const leg = this.#require(id);
    leg.setMedia(media, heldByUs);
    this.#roomOf.get(id)?.chooseRate();
    if (leg.bridged) shareRate(leg, leg.bridged);
  }

  openRoom(id: number): void {
    this.#rooms.set(id, new RoomMix((voice, error) => this.#failVoice(voice, error)));
  }

  closeRoom(id: number): void {
    const room = this.#rooms.get(id);
    if (!room) return;
    this.#rooms.delete(id);
    for (const leg of room.members.keys()) this.#roomOf.delete(leg);
    for (const voice of room.voices.values()) this.#forgetVoice(voice);
    room.close();
  }

  enterRoom(id: number, roomId: number, entry: RoomEntry | undefined): void {
    const leg = this.#require(id);
    const room = this.#rooms.get(roomId);
    if (!room) throw new Error(`no room ${roomId}`);
    this.leaveRoom(id);
    this.bridge(id, undefined);
    const outlet = entry && new RoomOutlet({ entry, socket: this.#origin, buffers: this.#buffers });
    room.enter(leg, outlet);
    this.#roomOf.set(id, room);
  }

  leaveRoom(id: number): void {
    const leg = this.#legs.get(id);
    const room = this.#roomOf.get(id);
    this.#roomOf.delete(id);
    if (leg && room) room.leave(leg);
  }

  addVoice(roomId: number, id: number, facts: TapVoiceFacts, replaces?: number): void {
    const room = this.#rooms.get(roomId);
    if (!room) return;
    const voice = new TapVoice(facts, room.rate);
    if (replaces !== undefined) voice.onceHeard = () => this.removeVoice(roomId, replaces);
    room.addVoice(id, voice);
    this.#voices.set(keyOf(facts.tapPort, facts.ssrc), voice);
  }

  removeVoice(roomId: number, id: number): void {
    const voice = this.#rooms.get(roomId)?.removeVoice(id);
    if (voice) this.#forgetVoice(voice);
  }

  bridge(id: number, otherId: number | undefined): void {
    const leg = this.#require(id);
    const other = otherId === undefined ? undefined : this.#require(otherId);
    for (const side of [leg, other]) {
      if (!side) continue;
      if (side.bridged) side.bridged.bridged = undefined;
      side.bridged = undefined;
    }
    if (!other || leg.isInRoom || other.isInRoom) return;
    leg.bridged = other;
    other.bridged = leg;
    shareRate(leg, other);
  }

  play(id: number, play: number, sounds: readonly Sound[], options: PlayOptions): void {
    this.#require(id).play(play, sounds, options);
  }

  stopPlaying(id: number): void {
    this.#require(id).stopPlaying();
  }

  setMuted(id: number, muted: boolean): void {
    this.#require(id).isMuted = muted;
  }

  setVolume(id: number, db: number): void {
    this.#require(id).setVolume(db);
  }

  async sendDigits(id: number, digits: string, options: Parameters<MixerCalls['sendDigits']>[2]): Promise<void> {
    await this.#require(id).sendDigits(digits, options);
  }

  digitByInfo(id: number, digit: string, durationMs: number): void {
    this.#require(id).digitByInfo(digit, durationMs);
  }

  legNumbers(id: number): LegNumbers {
    return this.#require(id).numbers();
  }

  close(): void {
    for (const room of [...this.#rooms.keys()]) this.closeRoom(room);
    for (const leg of [...this.#legs.keys()]) this.closeLeg(leg);
    this.#tap.close();
    this.#origin.close();
  }

  async #open(id: number, settings: LegSettings, state: LegState | undefined): Promise<void> {
    const leg: Leg = new Leg({
      id,
      settings,
      buffers: this.#buffers,
      onRead: this.#parts.onRead,
      tell: (event) => this.#parts.tell(id, event),
      onFailed: (error) => this.#fail(leg, error),
      state,
    });
    await leg.path.bind();
    this.#legs.set(id, leg);
  }

  #require(id: number): Leg {
    const leg = this.#legs.get(id);
    if (!leg) throw new Error(`no leg ${id}`);
    return leg;
  }

  #forget(leg: Leg): void {
    this.leaveRoom(leg.id);
    this.bridge(leg.id, undefined);
    this.#legs.delete(leg.id);
  }

  /** Another one may have its numbers by now. */
  #forgetVoice(voice: TapVoice): void {
    const key = keyOf(voice.facts.tapPort, voice.facts.ssrc);
    if (this.#voices.get(key) === voice) this.#voices.delete(key);
  }

  /** One that threw ends alone: nobody knows what it does next, and the others have nothing to do with it. */
  #fail(leg: Leg, error: unknown): void {
    if (this.#legs.get(leg.id) !== leg) return;
    // What threw may throw again: whatever of it can be ended is.
    for (const end of [() => this.#forget(leg), () => leg.close({ moved: false }), () => leg.path.close()]) {
      try {
        end();
      } catch {}
    }
    this.#legs.delete(leg.id);
    this.#parts.tell(leg.id, { name: 'failed', error: plainOf(error) });
  }

  /** The same for a voice that comes from a worker. */
  #failVoice(voice: TapVoice, error: unknown): void {
    for (const [roomId, { voices }] of this.#rooms) {
      for (const [id, other] of voices) if (other === voice) this.removeVoice(roomId, id);
    }
    this.#parts.onFailed(error);
  }

  #takeVoice(bytes: Buffer, port: number): void {
    if (bytes.length < 12 || isRtcp(bytes)) return;
    const voice = this.#voices.get(keyOf(port, bytes.readUInt32BE(8)));
    const packet = voice && parseRtp(bytes);
    if (!packet || packet.payload.length > maxPayloadBytes) return;
    try {
      voice.take(bytes, packet, nowMs());
    } catch (error) {
      this.#failVoice(voice, error);
    }
  }
}

/** As it can be told to another thread, whatever hangs on it. */
export function plainOf(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message);
  if (error.stack !== undefined) plain.stack = error.stack;
  return plain;
}

/** What the thread that had a leg says of it; rejects when that is gone. */
function stateFrom(port: MessagePort): Promise<LegState> {
  return new Promise((resolve, reject) => {
    port.once('message', resolve);
    port.once('close', () => reject(new Error('the leg was not passed on')));
  });
}

/** One rate for both who are bridged, so that what one says is what the other hears. */
function shareRate(leg: Leg, other: Leg): void {
  const rate = Math.max(leg.ownRate, other.ownRate) === 8000 ? 8000 : 16_000;
  leg.setRate(rate);
  other.setRate(rate);
}

function heardFrom(other: Leg | undefined): Int16Array | undefined {
  return other?.isHeard ? other.input.frame : undefined;
}

/** Each router's tap has a port of its own, and an SSRC is of one track there. */
function keyOf(port: number, ssrc: number): number {
  return port * 2 ** 32 + ssrc;
}

async function bindHere(recvBufferSize?: number): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    // Addresses are numbers already: to look them up would put off each packet by a turn.
    lookup: (address, _options, callback) => callback(null, address, 4),
    ...(recvBufferSize && { recvBufferSize }),
  });
  // Listens within the call: nothing is looked up.
  const listening = once(socket, 'listening');
  socket.bind(0, host);
  await listening;
  // What cannot be sent is lost, as on any other path of UDP.
  socket.on('error', () => {});
  return socket;
}
