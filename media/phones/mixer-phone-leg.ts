import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { RoomMedia } from '../media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import type { MixerThread } from '../mixer/pool/mixer-thread.ts';
import { estimateMos } from '../mixer/rtp/mos.ts';
import type { LegEvent, LegSettings, MixerCalls, MixerMethod } from '../mixer/thread/mixer-calls.ts';
import { mediaUnavailable } from '../unavailable.ts';
import type { LegSession } from './leg-session.ts';
import type {
  PhoneLeg,
  PhoneLegEvents,
  PhoneLegOptions,
  PhoneLegStats,
  PlayOptions,
  PlayResult,
  Sound,
} from './phone-media.ts';
import type { PhoneRoom } from './phone-room.ts';
import type { PhoneVoice } from './phone-voice.ts';
import type { LegMedia } from './sdp/leg-media.ts';

const minVolumeDb = -18;
const maxVolumeDb = 12;
const maxDigits = 128;
const digitsPattern = /^[0-9*#A-Da-d]+$/;
/** What a phone and its network add to what is known of the way, in ms. */
const phoneDelayMs = 40;

export interface MixerPhoneLegParts {
  /** What the threads call it. */
  readonly number: number;
  readonly options: PhoneLegOptions;
  readonly settings: LegSettings;
  readonly thread: MixerThread;
  readonly log: Logger;
  /** Told when it cannot go on. */
  readonly createSession: (onLost: () => void) => LegSession;
  /** The room's, on the thread that mixes it: on this one where it has none yet. */
  readonly openRoom: (room: RoomMedia, thread: MixerThread) => PhoneRoom;
  readonly onClosed: () => void;
}

/** What was asked of it while it was on its way. */
interface Held {
  act(): void;
  /** It did not arrive. */
  fail(error: unknown): void;
}

/** Of what is asked of a leg: all but its number. */
type LegArguments<Method extends MixerMethod> =
  Parameters<MixerCalls[Method]> extends [number, ...infer Rest] ? Rest : never;

interface Stay {
  readonly room: PhoneRoom;
  readonly peerId: PeerId;
  readonly voice: PhoneVoice;
}

/** A leg whose packets a mixer thread sends and receives. */
export class MixerPhoneLeg implements PhoneLeg {
  readonly id: string;
  readonly number: number;
  readonly events: Emitter<PhoneLegEvents>;
  readonly #parts: MixerPhoneLegParts;
  readonly #session: LegSession;
  readonly #plays = new Map<number, (result: PlayResult) => void>();
  #thread: MixerThread;
  /** Asked while it is on its way from one thread to another. */
  #held: Held[] | undefined;
  /** Resolves when it is where it was sent last, or lost. */
  #arrival: Promise<unknown> = Promise.resolve();
  #stay: Stay | undefined;
  #lastPlay = 0;
  #isMuted = false;
  /** What it speaks, when that is not what it is spoken to with. */
  #spoken: PhoneCodec | undefined;
  /** Entering, leaving and moving, one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: MixerPhoneLegParts) {
    const { number, options, log, thread } = parts;
    this.#parts = parts;
    this.id = options.id;
    this.number = number;
    this.#thread = thread;
    this.events = new Emitter((error, event) => {
      log.error({ err: error, leg: options.id, event }, 'a listener of a phone leg failed');
    });
    this.#session = parts.createSession(() => this.died());
  }

  get thread(): MixerThread {
    return this.#thread;
  }

  get codec(): PhoneCodec | undefined {
    return this.#session.media?.codec;
  }

  get encrypted(): boolean {
    return this.#session.media !== undefined && this.#session.encrypted;
  }

  get held(): boolean {
    return this.#session.media?.held ?? false;
  }

  get heldByUs(): boolean {
    return this.#session.heldByUs;
  }

  async offer(options: { readonly hold?: boolean | undefined } = {}): Promise<string> {
    this.#requireOpen();
    return this.#session.offer(options);
  }

  async takeAnswer(sdp: string): Promise<void> {
    this.#requireOpen();
    const wasHeld = this.held;
    this.#agreed(await this.#session.takeAnswer(sdp), wasHeld);
  }

  async answer(offer: string): Promise<string> {
    this.#requireOpen();
    const wasHeld = this.held;
    const { sdp, media } = await this.#session.answer(offer);
    this.#agreed(media, wasHeld);
    return sdp;
  }

  enter(room: RoomMedia, peerId: PeerId, owner: string): Promise<void> {
    return this.#next(async () => {
      this.#requireOpen();
      this.#leave();
      let phoneRoom = this.#parts.openRoom(room, this.#thread);
      // Its last phone may leave, and another one open it elsewhere, while this one is on its way.
      while (phoneRoom.thread !== this.#thread) {
        await this.#moveTo(phoneRoom.thread);
        phoneRoom = this.#parts.openRoom(room, this.#thread);
      }
      const voice = await phoneRoom.enter(peerId, {
        leg: this.number,
        owner,
        codec: this.#spoken ?? this.codec,
        isMuted: this.#isMuted,
      });
      this.#stay = { room: phoneRoom, peerId, voice };
      // It was closed, or its thread died, meanwhile.
      if (this.#closed) this.#leave();
      this.#requireOpen();
    });
  }

  leave(): Promise<void> {
    return this.#next(async () => this.#leave());
  }

  bridge(other: PhoneLeg | undefined): Promise<void> {
    return this.#next(async () => {
      this.#requireOpen();
      if (other === undefined) {
        this.#tell('bridge', undefined);
        return;
      }
      if (!(other instanceof MixerPhoneLeg) || other === this) {
        throw new AppError('BAD_REQUEST', { field: 'other', problem: 'is no other leg of this node' });
      }
      other.#requireOpen();
      this.#leave();
      await this.#follow(other);
      await this.#ask('bridge', other.number).catch((error: unknown) => {
        throw mediaUnavailable(error);
      });
    });
  }

  play(sounds: readonly Sound[], options: PlayOptions = {}): Promise<PlayResult> {
    if (this.#closed) return Promise.resolve('stopped');
    this.#lastPlay += 1;
    const play = this.#lastPlay;
    return new Promise((resolve) => {
      this.#plays.set(play, resolve);
      this.#tell('play', play, sounds, options);
    });
  }

  stopPlaying(): void {
    this.#tell('stopPlaying');
  }

  setMuted(muted: boolean): void {
    this.#isMuted = muted;
    if (this.#stay) this.#stay.voice.setMuted(muted);
    else this.#tell('setMuted', muted);
  }

  setVolume(db: number): void {
    this.#tell('setVolume', Math.min(maxVolumeDb, Math.max(minVolumeDb, db)));
  }

  async sendDigits(
    digits: string,
    { durationMs, gapMs }: { readonly durationMs?: number | undefined; readonly gapMs?: number | undefined } = {},
  ): Promise<void> {
    this.#requireOpen();
    if (!digitsPattern.test(digits) || digits.length > maxDigits) {
      throw new AppError('BAD_REQUEST', { field: 'digits', problem: `must be 1 to ${maxDigits} of 0–9, *, # and A–D` });
    }
    await this.#ask('sendDigits', digits, {
      ...(durationMs !== undefined && { durationMs }),
      ...(gapMs !== undefined && { gapMs }),
    });
  }

  digitByInfo(digit: string, durationMs: number): void {
    if (digit.length === 1 && digitsPattern.test(digit)) this.#tell('digitByInfo', digit.toUpperCase(), durationMs);
  }

  async stats(): Promise<PhoneLegStats> {
    this.#requireOpen();
    const { codec, received, sent, rttMs, passedThrough } = await this.#ask('legNumbers');
    const { delayMs, ...heard } = received;
    const { packets, lost, late } = received;
    const mos =
      codec === undefined || packets === 0
        ? undefined
        : estimateMos({
            codec,
            lossRatio: Math.min(1, Math.max(0, (lost + late) / (packets + Math.max(0, lost)))),
            oneWayDelayMs: delayMs + (rttMs ?? 0) / 2 + phoneDelayMs,
          });
    return { codec, encrypted: this.encrypted, received: heard, sent, rttMs, mos, passedThrough };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#leave();
    this.#tell('closeLeg');
    this.#endPlays();
    this.#session.close();
    this.#parts.onClosed();
  }

  /** It failed, its thread died, or the worker that speaks to its browser: what it had there is gone. */
  died(): void {
    if (this.#closed) return;
    this.close();
    this.events.emit('closed', { error: mediaUnavailable() });
  }

  /** What its thread tells of it. */
  take(event: LegEvent): void {
    if (this.#closed) return;
    switch (event.name) {
      case 'digit':
        this.events.emit('digit', { digit: event.digit, durationMs: event.durationMs });
        return;
      case 'codec':
        this.#spoken = event.codec;
        this.#stay?.voice.setCodec(event.codec);
        return;
      case 'played':
        this.#plays.get(event.play)?.(event.result);
        this.#plays.delete(event.play);
        return;
      case 'failed':
        this.#parts.log.error({ err: event.error, leg: this.id }, 'a phone leg failed');
        this.died();
        return;
      default:
        this.events.emit(event.name, {});
    }
  }

  #agreed(media: LegMedia, wasHeld: boolean): void {
    this.#tell('setMedia', media, this.heldByUs);
    // What was spoken in another session is spoken on as long as it was agreed on.
    if (!media.receive.some(({ name }) => name === this.#spoken)) this.#spoken = undefined;
    this.#stay?.voice.setCodec(this.#spoken ?? media.codec);
    if (media.held !== wasHeld) this.events.emit('heldChanged', { held: media.held });
  }

  #leave(): void {
    const stay = this.#stay;
    this.#stay = undefined;
    if (!stay) return;
    stay.room.leave(stay.peerId);
    // What moderators of the room said ends with it.
    this.#tell('setMuted', this.#isMuted);
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(act);
    this.#turn = done.catch(() => {});
    return done;
  }

  #requireOpen(): void {
    if (this.#closed) throw mediaUnavailable();
  }

  /** In order with all that is asked of it, wherever it is by then. */
  #tell<Method extends MixerMethod>(method: Method, ...args: LegArguments<Method>): void {
    const act = () => this.#thread.tell(method, ...this.#with(args));
    if (this.#held) this.#held.push({ act, fail() {} });
    else act();
  }

  /** As {@link MixerPhoneLeg.#tell}, with an answer. @throws as MixerThread.call */
  #ask<Method extends MixerMethod>(
    method: Method,
    ...args: LegArguments<Method>
  ): Promise<Awaited<ReturnType<MixerCalls[Method]>>> {
    const ask = () => this.#thread.call(method, ...this.#with(args));
    const held = this.#held;
    if (!held) return ask();
    return new Promise((resolve, reject) => held.push({ act: () => ask().then(resolve, reject), fail: reject }));
  }

  #with<Method extends MixerMethod>(args: LegArguments<Method>): Parameters<MixerCalls[Method]> {
    return [this.number, ...args] as unknown as Parameters<MixerCalls[Method]>;
  }

  /** To the thread of another one, which may be on its way itself, and go on meanwhile. */
  async #follow(other: MixerPhoneLeg): Promise<void> {
    // Two that look for each other would change places again and again: one of them waits.
    if (this.number > other.number) await other.#turn;
    do {
      await other.#arrival;
      this.#requireOpen();
      other.#requireOpen();
      await this.#moveTo(other.#thread);
    } while (other.#held || other.#thread !== this.#thread);
  }

  /** With its counters: the other side notices nothing but a packet or two that came meanwhile. */
  async #moveTo(thread: MixerThread): Promise<void> {
    const from = this.#thread;
    if (thread === from) return;
    const held: Held[] = [];
    this.#held = held;
    try {
      const passed = from.passLeg(this.number, this.#parts.settings, thread);
      this.#arrival = passed.catch(() => {});
      await passed;
    } catch (error) {
      this.#parts.log.error({ err: error, leg: this.id }, 'a phone leg was lost on its way to another thread');
      thread.tell('closeLeg', this.number);
      this.#held = undefined;
      const lost = mediaUnavailable(error);
      for (const { fail } of held) fail(lost);
      this.died();
      throw lost;
    }
    this.#thread = thread;
    this.#held = undefined;
    for (const { act } of held) act();
  }

  #endPlays(): void {
    for (const resolve of this.#plays.values()) resolve('stopped');
    this.#plays.clear();
  }
}
