// The port of phones' media without packets: it agrees on a codec, keeps the books of who hears whom, and refuses what has no sound.

import { AppError } from '../../../core/errors.ts';
import { Emitter } from '../../../core/events.ts';
import type {
  PhoneLeg,
  PhoneLegEvents,
  PhoneLegOptions,
  PhoneLegStats,
  PhoneMedia,
  Sound,
} from '../../../media/phones/phone-media.ts';

type RoomMedia = Parameters<PhoneLeg['enter']>[0];

export class MemoryPhoneMedia implements PhoneMedia {
  readonly legs = new Set<MemoryPhoneLeg>();
  /** Legs beyond these are refused as a late thread refuses them. */
  mostLegs = Number.POSITIVE_INFINITY;
  /** No leg is opened before this is over. */
  opening: Promise<unknown> = Promise.resolve();
  /** No leg is in its room before this is over. */
  entering: Promise<unknown> = Promise.resolve();
  #opened = 0;

  async openLeg(options: PhoneLegOptions): Promise<MemoryPhoneLeg> {
    await this.opening;
    if (this.legs.size >= this.mostLegs)
      throw new AppError('NODE_OVERLOADED', { what: 'phones' }, { retryAfterMs: 2_000 });
    this.#opened += 1;
    const leg: MemoryPhoneLeg = new MemoryPhoneLeg(options, 20_000 + 2 * this.#opened, this);
    this.legs.add(leg);
    return leg;
  }

  stats(): ReturnType<PhoneMedia['stats']> {
    return { threads: [], threadDeaths: 0, legFailures: 0, legs: this.legs.size, refused: 0 };
  }

  async close(): Promise<void> {
    for (const leg of [...this.legs]) leg.close();
  }
}

export class MemoryPhoneLeg implements PhoneLeg {
  readonly id: string;
  readonly options: PhoneLegOptions;
  readonly events = new Emitter<PhoneLegEvents>((error) => {
    throw error;
  });
  /** What was taken of the other side, in order. */
  readonly taken: string[] = [];
  readonly played: (readonly Sound[])[] = [];
  readonly sentDigits: string[] = [];
  readonly port: number;
  readonly #media: MemoryPhoneMedia;
  #version = 0;
  #wantsHold = false;
  #hasOffered = false;
  held = false;
  heldByUs = false;
  muted = false;
  volumeDb = 0;
  closed = false;
  room: RoomMedia | undefined;
  /** Times that it entered a room. */
  entered = 0;
  bridged: PhoneLeg | undefined;
  codec: PhoneLeg['codec'];
  readonly encrypted = false;

  constructor(options: PhoneLegOptions, port: number, media: MemoryPhoneMedia) {
    this.id = options.id;
    this.options = options;
    this.port = port;
    this.#media = media;
  }

  async offer({ hold = this.heldByUs }: { readonly hold?: boolean | undefined } = {}): Promise<string> {
    this.#wantsHold = hold;
    this.#hasOffered = true;
    return this.#write(hold ? 'sendonly' : 'sendrecv');
  }

  async takeAnswer(sdp: string): Promise<void> {
    if (!this.#hasOffered) throw new AppError('SDP_REFUSED', { problem: 'nothing was offered' });
    this.#take(sdp);
    this.heldByUs = this.#wantsHold;
  }

  async answer(offer: string): Promise<string> {
    this.#take(offer);
    this.#hasOffered = false;
    const theirs = directionOf(offer);
    return this.#write(theirs === 'sendonly' ? 'recvonly' : theirs === 'recvonly' ? 'sendonly' : theirs);
  }

  async enter(room: RoomMedia): Promise<void> {
    await this.#media.entering;
    if (this.closed) throw new AppError('MEDIA_UNAVAILABLE');
    this.room = room;
    this.entered += 1;
    this.bridged = undefined;
  }

  async leave(): Promise<void> {
    this.room = undefined;
  }

  async bridge(other: PhoneLeg | undefined): Promise<void> {
    this.bridged = other;
  }

  async play(sounds: readonly Sound[]): Promise<'played'> {
    this.played.push(sounds);
    return 'played';
  }

  stopPlaying(): void {}

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  setVolume(db: number): void {
    this.volumeDb = db;
  }

  async sendDigits(digits: string): Promise<void> {
    this.sentDigits.push(digits);
  }

  digitByInfo(digit: string, durationMs: number): void {
    this.events.emit('digit', { digit, durationMs });
  }

  async stats(): Promise<PhoneLegStats> {
    const received = { packets: 99, bytes: 0, lost: 1, late: 0, concealedMs: 0, jitterMs: 3, levelDbov: undefined };
    const sent = { packets: 0, bytes: 0, lost: undefined, jitterMs: undefined, levelDbov: undefined };
    return { codec: this.codec, encrypted: false, received, sent, rttMs: 5, mos: 4.2, passedThrough: false };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#media.legs.delete(this);
  }

  #take(sdp: string): void {
    if (!/^m=audio [1-9]/m.test(sdp)) throw new AppError('SDP_REFUSED', { problem: 'it has no audio' });
    this.taken.push(sdp);
    this.codec = 'PCMU';
    const theirs = directionOf(sdp);
    const held = theirs === 'sendonly' || theirs === 'inactive' || /^c=IN IP4 0\.0\.0\.0/m.test(sdp);
    if (held === this.held) return;
    this.held = held;
    this.events.emit('heldChanged', { held });
  }

  #write(direction: string): string {
    this.#version += 1;
    return memorySdp(this.port, direction, this.#version);
  }
}

export function memorySdp(port: number, direction = 'sendrecv', version = 1): string {
  const session = [`o=- 1 ${version} IN IP4 127.0.0.1`, 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  return `${['v=0', ...session, `m=audio ${port} RTP/AVP 0`, `a=${direction}`].join('\r\n')}\r\n`;
}

function directionOf(sdp: string): string {
  return /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp)?.[1] ?? 'sendrecv';
}
