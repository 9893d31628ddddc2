import { addVoice, levelDbov, takeMix } from '../codecs/levels.ts';
import type { VoiceRate } from '../codecs/voice-codec.ts';
import type { Leg } from '../thread/leg.ts';
import { silenceDbov } from '../thread/leg-input.ts';
import { endPair, type Pair, passDirectly } from './direct.ts';
import { Loudness } from './loudness.ts';
import type { RoomOutlet } from './room-outlet.ts';
import { SharedEncodes } from './shared-encodes.ts';
import type { TapVoice } from './tap-voice.ts';

/** More voices at once nobody can tell apart, and each costs decoding. */
const maxVoices = 5;

/** A phone in the room. */
export interface Member {
  readonly leg: Leg;
  /** Undefined: it only hears. */
  readonly outlet: RoomOutlet | undefined;
  readonly loudness: Loudness;
  isChosen: boolean;
}

interface Candidate {
  readonly voice: Member | TapVoice;
  readonly dbov: number;
}

/**
 * What the phones of one room hear. Each of the loudest voices is decoded once, however many listen; who speaks gets the sum
 * less its own voice, and all others share one encoded frame for each codec.
 */
export class RoomMix {
  readonly members = new Map<number, Member>();
  readonly voices = new Map<number, TapVoice>();
  readonly #onVoiceFailed: (voice: TapVoice, error: unknown) => void;
  readonly #shared: SharedEncodes;
  readonly #candidates: Candidate[] = [];
  #rate: VoiceRate = 8000;
  #sum = new Int32Array(160);
  #mix = new Int16Array(160);
  #own = new Int16Array(160);
  #tick = 0;
  #direct: Pair | undefined;

  /** A voice is told to have failed when it threw; it is to be removed. Legs tell that themselves. */
  constructor(onVoiceFailed: (voice: TapVoice, error: unknown) => void) {
    this.#onVoiceFailed = onVoiceFailed;
    this.#shared = new SharedEncodes(this.#rate);
  }

  get rate(): VoiceRate {
    return this.#rate;
  }

  enter(leg: Leg, outlet: RoomOutlet | undefined): void {
    leg.isInRoom = true;
    leg.bridged = undefined;
    this.members.set(leg.id, { leg, outlet, loudness: new Loudness(), isChosen: false });
    this.chooseRate();
  }

  leave(leg: Leg): void {
    const member = this.members.get(leg.id);
    if (!member) return;
    this.#endDirect();
    this.members.delete(leg.id);
    member.outlet?.close();
    leg.isInRoom = false;
    leg.setRate(leg.ownRate);
    this.chooseRate();
  }

  addVoice(id: number, voice: TapVoice): void {
    voice.setRate(this.#rate);
    this.voices.set(id, voice);
  }

  removeVoice(id: number): TapVoice | undefined {
    this.#endDirect();
    const voice = this.voices.get(id);
    this.voices.delete(id);
    voice?.close();
    return voice;
  }

  /** 8 kHz suffice while no phone hears more. To be asked again when a phone takes another codec. */
  chooseRate(): void {
    let rate: VoiceRate = 8000;
    for (const { leg } of this.members.values()) if (leg.ownRate === 16_000) rate = 16_000;
    for (const { leg } of this.members.values()) leg.setRate(rate);
    if (rate === this.#rate) return;
    this.#rate = rate;
    this.#sum = new Int32Array(rate / 50);
    this.#mix = new Int16Array(rate / 50);
    this.#own = new Int16Array(rate / 50);
    this.#shared.setRate(rate);
    for (const voice of this.voices.values()) voice.setRate(rate);
  }

  tick(atMs: number): void {
    this.#tick += 1;
    this.#direct = passDirectly(this, this.#direct);
    for (const member of this.members.values()) {
      try {
        this.#listen(member, atMs);
      } catch (error) {
        member.leg.fail(error);
      }
    }
    if (this.#direct) {
      for (const { leg } of this.members.values()) {
        try {
          leg.fillGap(atMs);
        } catch (error) {
          leg.fail(error);
        }
      }
      return;
    }
    this.#choose();
    const chosen = this.#mixVoices(atMs);
    takeMix(this.#sum, this.#mix);
    const dbov = chosen > 0 ? levelDbov(this.#mix) : silenceDbov;
    for (const member of this.members.values()) {
      try {
        this.#serve(member, chosen, dbov, atMs);
      } catch (error) {
        member.leg.fail(error);
      }
    }
  }

  close(): void {
    for (const { leg } of [...this.members.values()]) this.leave(leg);
    for (const id of [...this.voices.keys()]) this.removeVoice(id);
    this.#shared.close();
  }

  #endDirect(): void {
    if (this.#direct) endPair(this.#direct);
    this.#direct = undefined;
  }

  /** What a phone says goes into the room as it came, at its turn. */
  #listen(member: Member, atMs: number): void {
    const { leg, outlet, loudness } = member;
    const { input } = leg;
    const isHeard = leg.isHeard && !this.#direct;
    // A codec that its producer does not have is made known first.
    const reaches = isHeard && outlet?.codec === input.codec ? outlet : undefined;
    leg.listen(
      atMs,
      reaches && !input.isProcessed
        ? ({ payload, ticks }, dbov) => {
            if (payload.length > 0) reaches.send(payload, dbov, atMs);
            else reaches.miss(ticks);
          }
        : undefined,
    );
    loudness.age();
    if (!isHeard) return;
    loudness.hear(input.level);
    if (reaches && input.isProcessed) reaches.sendPcm(input.frame, leg.rate, input.level, atMs);
  }

  #choose(): void {
    const candidates = this.#candidates;
    candidates.length = 0;
    for (const member of this.members.values()) {
      member.isChosen = false;
      if (member.leg.isHeard && member.loudness.isHeard) {
        candidates.push({ voice: member, dbov: member.loudness.dbov });
      }
    }
    for (const voice of this.voices.values()) {
      voice.age();
      if (voice.loudness.isHeard) candidates.push({ voice, dbov: voice.loudness.dbov });
    }
    if (candidates.length > maxVoices) candidates.sort((one, other) => other.dbov - one.dbov);
  }

  /** Answers how many are heard. */
  #mixVoices(atMs: number): number {
    const candidates = this.#candidates;
    this.#sum.fill(0);
    for (let at = 0; at < candidates.length; at += 1) {
      const { voice } = candidates[at] as Candidate;
      const isChosen = at < maxVoices;
      if ('leg' in voice) {
        voice.isChosen = isChosen;
        if (isChosen) addVoice(this.#sum, voice.leg.input.frame);
      } else {
        this.#mixTapped(voice, isChosen, atMs);
      }
    }
    return Math.min(maxVoices, candidates.length);
  }

  #mixTapped(voice: TapVoice, isChosen: boolean, atMs: number): void {
    try {
      if (isChosen) {
        voice.decode(atMs);
        addVoice(this.#sum, voice.frame);
      } else {
        voice.skip(atMs);
      }
    } catch (error) {
      this.#onVoiceFailed(voice, error);
    }
  }

  #serve({ leg, isChosen }: Member, chosen: number, dbov: number, atMs: number): void {
    if (!leg.canHear) return;
    const others = isChosen ? chosen - 1 : chosen;
    const { codec } = leg.output;
    if (!codec) return;
    if (others === 0) {
      leg.hear(undefined, atMs);
      return;
    }
    if (isChosen) {
      takeMix(this.#sum, this.#own, leg.input.frame);
      leg.hear(this.#own, atMs, levelDbov(this.#own));
    } else if (leg.hears && leg.isPlain) {
      leg.hearEncoded(this.#shared.encode(codec, this.#mix, this.#tick), atMs, dbov);
    } else {
      leg.hear(this.#mix, atMs, dbov);
    }
  }
}
