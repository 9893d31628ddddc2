// The port between calls of phones and their media. It knows session descriptions, sounds and digits, but neither SIP nor
// people: who may call whom, and what is said to them, is the callers' to decide.

import type { AppError } from '../../core/errors.ts';
import type { Listening } from '../../core/events.ts';
import type { PeerId } from '../../core/ids.ts';
import type { RoomMedia } from '../media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import type { PlayOptions, PlayResult, Sound } from '../mixer/thread/sounds.ts';

export type { PlayOptions, PlayResult, Sound };

/** The media of all phones of this node. */
export interface PhoneMedia {
  /** @throws {AppError} MEDIA_UNAVAILABLE where no port is free; NODE_OVERLOADED, with when to try again, where the threads are late. */
  openLeg(options: PhoneLegOptions): Promise<PhoneLeg>;
  stats(): PhoneMediaStats;
  /** Every leg ends, without a word. */
  close(): Promise<void>;
}

export interface PhoneLegOptions {
  /** For logs. */
  readonly id: string;
  /** In the order of preference. */
  readonly codecs: readonly PhoneCodec[];
  /** SDES (RFC 4568). */
  readonly srtp: 'never' | 'optional' | 'required';
  /** The address that the session description tells. */
  readonly announced: string;
  /** Where its signalling comes from, if it is known: behind address translation its packets come from there, and not from where its SDP says. */
  readonly signalledFrom?: string | undefined;
  /** Digits are found in the sound itself, too. */
  readonly inBandDtmf: boolean;
  /** Quiet voices are made louder, and loud ones quieter, before others hear them. */
  readonly levelControl: boolean;
  /** What is quieter than a voice is not heard. */
  readonly noiseGate: boolean;
  /** RFC 3389, where the other side can do it. */
  readonly comfortNoise: boolean;
  /** How much of a voice a packet holds; 20 by default. */
  readonly ptimeMs?: number | undefined;
  /** A softphone in a browser: ICE, DTLS and one port for all (RFC 8827). False by default. */
  readonly webrtc?: boolean | undefined;
}

export interface PhoneLegEvents {
  /** 0–9, *, #, A–D; each press once, whichever way it came. Emitted when the key is let go. */
  digit: { readonly digit: string; readonly durationMs: number };
  /** No packets came for `sip.media.silenceTimeoutMs`; once, until they come again. */
  silent: Record<never, never>;
  /** The first packet of the other side came, or the first one after `silent`. */
  heard: Record<never, never>;
  /** The other side holds, or resumes, by its session description. */
  heldChanged: { readonly held: boolean };
  /** It failed, or its thread died: it cannot go on. Not for a leg that was closed. */
  closed: { readonly error?: AppError | undefined };
}

/** The media of one call of a phone. */
export interface PhoneLeg {
  readonly id: string;
  readonly events: Listening<PhoneLegEvents>;
  /** Our offer (RFC 3264). `hold`: nothing of us is heard, and nothing is taken; as it was before when it is left out. */
  offer(options?: { readonly hold?: boolean | undefined }): Promise<string>;
  /**
   * An answer to our offer: final or early. It may differ later, also because another phone of a forked call answers.
   * @throws {AppError} SDP_REFUSED
   */
  takeAnswer(sdp: string): Promise<void>;
  /** Our answer to their offer: a call, a hold in any form, another codec. The session stays what it was when it throws. @throws {AppError} SDP_REFUSED */
  answer(offer: string): Promise<string>;
  /** What is sent; undefined before it is agreed. */
  readonly codec: PhoneCodec | undefined;
  readonly encrypted: boolean;
  /** The other side holds. */
  readonly held: boolean;
  readonly heldByUs: boolean;
  /**
   * Is heard in a room, as the peer's microphone, and hears it. One that is in another room leaves that first. Resolves when
   * its producer is there. Mutes and locks of the room hold for it as for any track; `owner` is as in ProduceRequest.
   * @throws {AppError} as RoomMedia.openSource.
   */
  enter(room: RoomMedia, peerId: PeerId, owner: string): Promise<void>;
  leave(): Promise<void>;
  /** Two legs that are in no room hear each other, as in early media or a consultation. Ends when either enters a room, or with `undefined`. */
  bridge(other: PhoneLeg | undefined): Promise<void>;
  /**
   * Stops what played before. Resolves when it was heard to the end (`played`), a digit came (`barged`, which that digit's event
   * follows), or something else plays or the leg is closed (`stopped`).
   */
  play(sounds: readonly Sound[], options?: PlayOptions): Promise<PlayResult>;
  stopPlaying(): void;
  /** Its voice does not reach the room. */
  setMuted(muted: boolean): void;
  /** What it hears, from -18 to 12 dB. */
  setVolume(db: number): void;
  /** By RFC 4733 where the other side has it, otherwise as tones. Resolves when the last one was sent. @throws {AppError} BAD_REQUEST */
  sendDigits(
    digits: string,
    options?: { readonly durationMs?: number | undefined; readonly gapMs?: number | undefined },
  ): Promise<void>;
  /** A key that signalling told of; it joins the one stream of digits. */
  digitByInfo(digit: string, durationMs: number): void;
  stats(): Promise<PhoneLegStats>;
  close(): void;
}

export interface PhoneLegStats {
  readonly codec: PhoneCodec | undefined;
  readonly encrypted: boolean;
  /** What the other side sends. */
  readonly received: {
    readonly packets: number;
    readonly bytes: number;
    readonly lost: number;
    /** They came when their turn was over. */
    readonly late: number;
    /** Made up for what was missing, in ms. */
    readonly concealedMs: number;
    readonly jitterMs: number;
    /** As last heard, -127 to 0; undefined before. */
    readonly levelDbov: number | undefined;
  };
  /** What is sent to it; loss and jitter as it last told (RFC 3550 section 6.4), undefined before. */
  readonly sent: {
    readonly packets: number;
    readonly bytes: number;
    readonly lost: number | undefined;
    readonly jitterMs: number | undefined;
    readonly levelDbov: number | undefined;
  };
  readonly rttMs: number | undefined;
  /** 1 to 4.5 by the E-model (ITU-T G.107) of what is heard here; undefined before the first packet. */
  readonly mos: number | undefined;
  /** Packets pass as they are. */
  readonly passedThrough: boolean;
}

export interface PhoneMediaStats {
  readonly threads: readonly PhoneThreadStats[];
  readonly threadDeaths: number;
  /** Legs that ended by an error of their own, with their thread alive. */
  readonly legFailures: number;
  readonly legs: number;
  /** Legs that were refused since the start, because the threads were late. */
  readonly refused: number;
}

export interface PhoneThreadStats {
  /** From 0; a thread that replaces another has its place. */
  readonly place: number;
  readonly legs: number;
  readonly rooms: number;
  /** How late its ticks came, of the last seconds. */
  readonly lateMsP50: number;
  readonly lateMsP99: number;
  readonly cpuSeconds: number;
}
