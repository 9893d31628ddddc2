import type { LegMedia, ReceivedFormat } from '../../phones/sdp/leg-media.ts';
import { ComfortNoiseSender } from '../codecs/comfort-noise-sender.ts';
import { dbToGain } from '../codecs/levels.ts';
import { limit16 } from '../codecs/limits.ts';
import type { PhoneCodec, VoiceRate } from '../codecs/voice-codec.ts';
import type { DtmfSenderState } from '../rtp/dtmf-sender.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { LegInput, type OnVoice, silenceDbov } from './leg-input.ts';
import { LegKeys, type LegKeysState } from './leg-keys.ts';
import { LegOutput } from './leg-output.ts';
import { LegPath, type LegPathState } from './leg-path.ts';
import type { LegEvent, LegNumbers, LegSettings } from './mixer-calls.ts';
import { nowMs } from './now.ts';
import { Player, type PlayingState } from './player.ts';
import type { SendBuffers } from './send-buffers.ts';
import { silenceOf } from './silence.ts';
import { SilenceWatch, type SilenceWatchState } from './silence-watch.ts';
import type { PlayOptions, Sound } from './sounds.ts';

/** What passes as it came may pause for so long, as a browser's does between two packets; then silence is sent in its place. */
const maxPassGapMs = 100;
/** What is heard beside a prompt is quieter by so much. */
const besidePromptDb = -12;

export interface LegParts {
  readonly id: number;
  readonly settings: LegSettings;
  readonly buffers: SendBuffers;
  /** Some packet came. */
  readonly onRead: () => void;
  readonly tell: (event: LegEvent) => void;
  /** Something of it threw: it is to be closed. */
  readonly onFailed: (error: unknown) => void;
  readonly state: LegState | undefined;
}

export interface LegState {
  readonly path: LegPathState;
  readonly media: LegMedia | undefined;
  readonly heldByUs: boolean;
  readonly isMuted: boolean;
  readonly volumeDb: number;
  readonly keys: LegKeysState;
  readonly digits: DtmfSenderState | undefined;
  readonly playing: (PlayingState & { readonly play: number }) | undefined;
  readonly watch: SilenceWatchState;
}

/** Takes the packets of a leg as they come, in place of decoding them. */
export type OnPassed = (packet: RtpPacket, codec: PhoneCodec, levelDbov: number, atMs: number) => void;

/** One phone: what it says, what it hears, and what is played to it. */
export class Leg {
  readonly id: number;
  readonly input: LegInput;
  readonly output: LegOutput;
  readonly path: LegPath;
  readonly settings: LegSettings;
  bridged: Leg | undefined;
  isInRoom = false;
  isMuted = false;
  sentDbov = silenceDbov;
  readonly #parts: LegParts;
  readonly #player: Player;
  readonly #keys: LegKeys;
  readonly #watch: SilenceWatch;
  #rate: VoiceRate = 8000;
  #media: LegMedia | undefined;
  #heldByUs = false;
  #volumeDb = 0;
  #play = 0;
  #mix = new Int16Array(160);
  /** Where silence is told once instead of being sent (RFC 3389). */
  #noise: ComfortNoiseSender | undefined;
  #onPassed: OnPassed | undefined;
  #forwardedAtMs = 0;

  constructor(parts: LegParts) {
    const { id, settings, buffers, onRead, onFailed, state, tell } = parts;
    this.#parts = parts;
    this.id = id;
    this.settings = settings;
    this.path = new LegPath({
      ...settings,
      buffers,
      onRead,
      onFailed,
      state: state?.path,
      onPacket: (packet, format, restarted, atMs) => this.#take(packet, format, restarted, atMs),
    });
    this.input = new LegInput(settings, this.#rate);
    this.output = new LegOutput({ path: this.path, buffers, rate: this.#rate, dtmf: state?.digits });
    this.#player = new Player(this.#rate);
    this.#keys = new LegKeys({
      output: this.output,
      rate: this.#rate,
      state: state?.keys,
      // At the press: who presses a key does not want to hear on.
      onPressed: () => {
        if (this.#player.canBeBarged) this.#player.stop('barged');
      },
      onDigit: ({ digit, durationMs }) => tell({ name: 'digit', digit, durationMs }),
    });
    this.#watch = new SilenceWatch(
      {
        timeoutMs: settings.silenceTimeoutMs,
        onHeard: () => tell({ name: 'heard' }),
        onSilent: () => tell({ name: 'silent' }),
      },
      state?.watch,
    );
    if (state) this.#goOn(state);
  }

  get rate(): VoiceRate {
    return this.#rate;
  }

  get media(): LegMedia | undefined {
    return this.#media;
  }

  /** Something may be sent to it. */
  get canHear(): boolean {
    const { direction, remote } = this.#media ?? {};
    return remote !== undefined && (direction === 'sendrecv' || direction === 'sendonly');
  }

  /** It hears others, not only what is played to it. */
  get hears(): boolean {
    return this.canHear && !this.#heldByUs;
  }

  /** What it says is taken: not the music of one that holds. */
  get isTaken(): boolean {
    const media = this.#media;
    if (!media || this.#heldByUs || media.held) return false;
    return media.direction === 'sendrecv' || media.direction === 'recvonly';
  }

  /** Others hear it. */
  get isHeard(): boolean {
    return this.isTaken && !this.isMuted;
  }

  /** It hears others as they are, and nothing beside. */
  get isUntouched(): boolean {
    return this.#volumeDb === 0 && !this.#player.isPlaying && !this.#keys.isPressing;
  }

  /** It takes frames that were encoded for others. */
  get isPlain(): boolean {
    return this.isUntouched && !this.#noise && this.output.takesShared;
  }

  get passes(): boolean {
    return this.#onPassed !== undefined;
  }

  /** What comes from now on goes there as it came; undefined: it is decoded again. */
  pass(onPassed: OnPassed | undefined): void {
    if ((onPassed === undefined) !== (this.#onPassed === undefined)) this.input.restart();
    this.#onPassed = onPassed;
  }

  setRate(rate: VoiceRate): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#mix = new Int16Array(rate / 50);
    if (this.#noise) this.#noise = new ComfortNoiseSender(rate);
    this.input.setRate(rate);
    this.output.setRate(rate);
    this.#player.setRate(rate);
    this.#keys.setRate(rate);
  }

  setMedia(media: LegMedia, heldByUs: boolean): void {
    const wasTaken = this.isTaken;
    this.#media = media;
    this.#heldByUs = heldByUs;
    this.path.setMedia(media);
    this.output.setMedia(media);
    this.input.expect(media.receive.map(({ name }) => name));
    const tellsSilence = this.settings.comfortNoise && media.cn !== undefined;
    this.#noise = tellsSilence ? (this.#noise ?? new ComfortNoiseSender(this.#rate)) : undefined;
    if (this.isTaken && !wasTaken) this.#watch.expect(nowMs());
    if (!this.isTaken) this.input.silence();
    if (!this.isInRoom) this.setRate(this.ownRate);
  }

  /** What its codecs need. */
  get ownRate(): VoiceRate {
    const codec = this.#media?.codec ?? 'PCMU';
    return codec === 'PCMU' || codec === 'PCMA' ? 8000 : 16_000;
  }

  play(play: number, sounds: readonly Sound[], options: PlayOptions): void {
    this.#player.play(sounds, options, (result) => this.#parts.tell({ name: 'played', play, result }));
    this.#play = play;
  }

  stopPlaying(): void {
    this.#player.stop('stopped');
  }

  setVolume(db: number): void {
    this.#volumeDb = db;
  }

  /** Resolves when they were sent, or cannot be any more. */
  sendDigits(digits: string, options: { readonly durationMs?: number; readonly gapMs?: number }): Promise<void> {
    return this.#keys.press(digits, options);
  }

  digitByInfo(digit: string, durationMs: number): void {
    this.#keys.hear('info', { digit, durationMs }, nowMs());
  }

  /** What it says in the next 20 ms. */
  listen(atMs: number, onVoice: OnVoice | undefined): void {
    this.#keys.tick(atMs);
    if (this.isTaken) this.#watch.look(atMs);
    if (!this.canHear) this.#keys.drop();
    if (this.#onPassed || !this.isTaken) return;
    for (const digit of this.input.tick(atMs, onVoice)) this.#keys.hear('in-band', digit, atMs);
  }

  /** What it hears in the next 20 ms: the mix, and what is played to it. `mix` undefined: silence. */
  hear(mix: Int16Array | undefined, atMs: number, mixDbov = silenceDbov): void {
    if (!this.canHear) return;
    if (this.#keys.sendEvent(atMs)) return;
    const others = this.#heldByUs ? undefined : mix;
    const prompt = this.#player.next();
    const keys = this.#keys.nextTone();
    if (!others && !prompt && !keys) {
      this.hearSilence(atMs);
      return;
    }
    this.sentDbov = prompt ? 0 : mixDbov;
    const sum = this.#mix;
    const gain = dbToGain(this.#volumeDb);
    const beside = prompt ? gain * dbToGain(besidePromptDb) : gain;
    for (let i = 0; i < sum.length; i += 1) {
      sum[i] = limit16(Math.round((others?.[i] ?? 0) * beside + (prompt?.[i] ?? 0) * gain + (keys?.[i] ?? 0)));
    }
    this.#send(sum, atMs);
  }

  /** The same for one that is plain: what was encoded for others already. */
  hearEncoded(payload: Uint8Array, atMs: number, mixDbov: number): void {
    if (!this.hears || this.#keys.sendEvent(atMs)) return;
    this.sentDbov = mixDbov;
    this.output.sendEncoded(payload, atMs);
  }

  hearSilence(atMs: number): void {
    if (!this.canHear || this.#keys.sendEvent(atMs)) return;
    this.sentDbov = silenceDbov;
    const { codec } = this.output;
    if (codec && this.output.takesShared && !this.#noise) this.output.sendEncoded(silenceOf(codec), atMs);
    else this.#send(this.#mix.fill(0), atMs);
  }

  /** A packet of the only other voice, as it came. */
  hearPacket(packet: RtpPacket, atMs: number, levelDbov: number): void {
    if (!this.hears || this.output.isSendingDigits) return;
    this.#forwardedAtMs = atMs;
    this.sentDbov = levelDbov;
    this.output.forward(packet, atMs);
  }

  /** The only other voice says nothing at all: somebody who hears nothing hangs up, and a way through a NAT closes. */
  fillGap(atMs: number): void {
    if (this.#keys.sendEvent(atMs)) return;
    if (atMs - this.#forwardedAtMs > maxPassGapMs) this.hearSilence(atMs);
  }

  /** RFC 3550 section 6.3. */
  report(atMs: number): void {
    this.path.report(atMs);
  }

  /** What was done with it threw. */
  fail(error: unknown): void {
    this.#parts.onFailed(error);
  }

  numbers(): LegNumbers {
    const { path, input } = this;
    const { packets, octets, lost, jitterMs } = path.receiver.stats;
    const { rttMs, lost: lostThere, jitterMs: jitterThere } = path.rtcp.remote;
    return {
      codec: this.#media?.codec,
      received: {
        packets,
        bytes: octets,
        lost,
        jitterMs,
        levelDbov: packets > 0 ? input.level : undefined,
        ...input.counts,
      },
      sent: {
        packets: path.sender.packets,
        bytes: path.sender.octets,
        lost: lostThere,
        jitterMs: jitterThere,
        levelDbov: path.sender.packets > 0 ? this.sentDbov : undefined,
      },
      rttMs,
      passedThrough: this.passes,
    };
  }

  /** Ends it here without a word, for another thread to go on with. */
  state(): LegState {
    const playing = this.#player.state();
    return {
      path: this.path.state(),
      media: this.#media,
      heldByUs: this.#heldByUs,
      isMuted: this.isMuted,
      volumeDb: this.#volumeDb,
      keys: this.#keys.state(),
      digits: this.output.state(),
      playing: playing && { ...playing, play: this.#play },
      watch: this.#watch.state(),
    };
  }

  /** `moved`: it goes on in another thread. */
  close({ moved }: { readonly moved: boolean }): void {
    if (!moved) {
      this.#player.stop('stopped');
      this.path.report(nowMs(), { bye: true });
    }
    if (this.bridged) this.bridged.bridged = undefined;
    this.bridged = undefined;
    this.path.close();
    this.input.close();
    this.output.close();
    this.#keys.close();
  }

  #goOn(state: LegState): void {
    this.isMuted = state.isMuted;
    this.#volumeDb = state.volumeDb;
    if (state.media) this.setMedia(state.media, state.heldByUs);
    const { playing } = state;
    if (!playing) return;
    this.#play = playing.play;
    this.#player.goOn(playing, (result) => this.#parts.tell({ name: 'played', play: playing.play, result }));
  }

  #take(packet: RtpPacket, format: ReceivedFormat, restarted: boolean, atMs: number): void {
    this.#watch.hear(atMs);
    if (format.name === 'telephone-event') {
      this.input.skip(packet);
      this.#keys.take(packet, format, atMs);
      return;
    }
    if (!this.isTaken) return;
    // Gateways send the tone beside the event: whoever is told of the key would hear it twice.
    if (this.#keys.isDown && format.name !== 'CN') {
      this.input.skip(packet);
      return;
    }
    if (this.#onPassed) {
      if (format.name !== 'CN') this.#passOn(packet, format.name, atMs);
      return;
    }
    const codec = this.input.codec;
    this.input.push(packet, format, restarted, atMs);
    this.#noticeCodec(codec);
  }

  #passOn(packet: RtpPacket, codec: PhoneCodec, atMs: number): void {
    const before = this.input.codec;
    if (!this.input.pass(packet, codec, atMs)) return;
    this.#noticeCodec(before);
    this.#onPassed?.(packet, codec, this.input.level, atMs);
  }

  #noticeCodec(before: PhoneCodec | undefined): void {
    const { codec } = this.input;
    if (codec === undefined || codec === before) return;
    this.path.receiver.setClockRate(codec === 'opus' ? 48_000 : 8000);
    this.#parts.tell({ name: 'codec', codec });
  }

  #send(pcm: Int16Array, atMs: number): void {
    const sending = this.#noise?.next(pcm) ?? 'voice';
    if (sending === 'voice') this.output.sendPcm(pcm, atMs);
    else if (sending === 'noise' && this.#noise) this.output.sendNoise(this.#noise.payload, atMs);
    else this.output.skip();
  }
}
