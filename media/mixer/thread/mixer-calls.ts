// What the main loop asks of a mixer thread, and what it is told. Plain data: it crosses between threads.

import type { MessagePort } from 'node:worker_threads';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import type { PhoneCodec } from '../codecs/voice-codec.ts';
import type { PlayOptions, PlayResult, Sound } from './sounds.ts';

export interface LegSettings {
  readonly listenIp: string;
  /** Even: of RTP. RTCP has the next one. */
  readonly port: number;
  readonly inBandDtmf: boolean;
  readonly levelControl: boolean;
  readonly noiseGate: boolean;
  readonly comfortNoise: boolean;
  readonly silenceTimeoutMs: number;
  /** RFC 3550 section 6.5.1. */
  readonly cname: string;
  /** Of what is sent; random where it is left out. */
  readonly ssrc?: number | undefined;
  /** The address that its signalling comes from, where it is known. */
  readonly signalledFrom: string | undefined;
}

/** How a leg's voice reaches its room: as a producer of this codec, by packets of this SSRC to this port. */
export interface RoomEntry {
  readonly ip: string;
  readonly port: number;
  readonly ssrc: number;
  readonly codec: PhoneCodec;
  readonly payloadType: number;
  /** Of the header extension of RFC 6464. */
  readonly levelId: number;
}

/** A voice of the room that comes by its tap. */
export interface TapVoiceFacts {
  /** Where its packets come from, which with their SSRC tells whose they are. */
  readonly tapPort: number;
  readonly ssrc: number;
  readonly codec: PhoneCodec;
  readonly payloadType: number;
  /** Undefined: its packets do not say how loud they are. */
  readonly levelId: number | undefined;
}

export interface LegNumbers {
  readonly codec: PhoneCodec | undefined;
  readonly received: {
    readonly packets: number;
    readonly bytes: number;
    readonly lost: number;
    readonly late: number;
    readonly concealedMs: number;
    readonly jitterMs: number;
    readonly delayMs: number;
    readonly levelDbov: number | undefined;
  };
  readonly sent: {
    readonly packets: number;
    readonly bytes: number;
    readonly lost: number | undefined;
    readonly jitterMs: number | undefined;
    readonly levelDbov: number | undefined;
  };
  readonly rttMs: number | undefined;
  readonly passedThrough: boolean;
}

/** Legs, rooms and voices are numbered by the main loop, which is the only one that makes them. */
export interface MixerCalls {
  /** Fails with the system's code, as EADDRINUSE. */
  openLeg(leg: number, settings: LegSettings): Promise<void>;
  /** Ends the leg here; what another thread needs to go on with it goes `to` that. */
  passLeg(leg: number, to: MessagePort): Promise<void>;
  /** Goes on with a leg that another thread passes on. As openLeg. */
  takeLeg(leg: number, settings: LegSettings, from: MessagePort): Promise<void>;
  closeLeg(leg: number): void;
  setMedia(leg: number, media: LegMedia, heldByUs: boolean): void;
  openRoom(room: number): void;
  closeRoom(room: number): void;
  /** `entry` undefined: it only hears. */
  enterRoom(leg: number, room: number, entry: RoomEntry | undefined): void;
  leaveRoom(leg: number): void;
  /** `replaces`: that voice goes with the first packet of this one. */
  addVoice(room: number, voice: number, facts: TapVoiceFacts, replaces?: number): void;
  removeVoice(room: number, voice: number): void;
  bridge(leg: number, other: number | undefined): void;
  play(leg: number, play: number, sounds: readonly Sound[], options: PlayOptions): void;
  stopPlaying(leg: number): void;
  setMuted(leg: number, muted: boolean): void;
  setVolume(leg: number, db: number): void;
  /** Resolves when they were sent. */
  sendDigits(
    leg: number,
    digits: string,
    options: { readonly durationMs?: number; readonly gapMs?: number },
  ): Promise<void>;
  digitByInfo(leg: number, digit: string, durationMs: number): void;
  legNumbers(leg: number): LegNumbers;
  /** Ends the thread. */
  close(): void;
}

export type MixerMethod = keyof MixerCalls;

/** `id` 0: nobody waits for an answer. */
export interface MixerRequest {
  readonly id: number;
  readonly method: MixerMethod;
  readonly args: readonly unknown[];
}

export type LegEvent =
  | { readonly name: 'digit'; readonly digit: string; readonly durationMs: number }
  | { readonly name: 'silent' }
  | { readonly name: 'heard' }
  /** It speaks another codec from now on, without a word of its signalling. */
  | { readonly name: 'codec'; readonly codec: PhoneCodec }
  | { readonly name: 'played'; readonly play: number; readonly result: PlayResult }
  /** Something of it threw: it is closed. */
  | { readonly name: 'failed'; readonly error: Error };

export interface MixerFigures {
  readonly legs: number;
  readonly rooms: number;
  readonly lateMsP50: number;
  readonly lateMsP99: number;
  readonly cpuSeconds: number;
}

export type FromMixer =
  /** The ports of the socket that taps send to, and of the one that voices of legs come from. */
  | { readonly type: 'ready'; readonly tapPort: number; readonly originPort: number }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'failure'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: 'event'; readonly leg: number; readonly event: LegEvent }
  /** Something threw that is no leg's, as the voice of a browser, which ended. */
  | { readonly type: 'failed'; readonly error: Error }
  | { readonly type: 'figures'; readonly figures: MixerFigures };
