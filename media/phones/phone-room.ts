import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { RoomMedia, RoomTap, RoomTapTrack } from '../media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import type { MixerThread } from '../mixer/pool/mixer-thread.ts';
import { PhoneVoice } from './phone-voice.ts';
import { tapFactsOf } from './tap-facts.ts';

const host = '127.0.0.1';
/** How often it is looked whose tracks are there: a peer that left takes them without a word. */
const lookEveryMs = 1_000;

interface PhoneRoomParts {
  /** What the thread calls it. */
  readonly id: number;
  readonly room: RoomMedia;
  readonly thread: MixerThread;
  readonly clock: Clock;
  readonly log: Logger;
  /** Its last phone left. */
  readonly onEmpty: () => void;
}

interface Tapped {
  readonly id: number;
  track: RoomTapTrack | undefined;
}

/** A room that has phones: its voices go to the thread that mixes them, and those of its phones come from there. */
export class PhoneRoom {
  readonly id: number;
  readonly thread: MixerThread;
  readonly #parts: PhoneRoomParts;
  readonly #tap: RoomTap;
  readonly #phones = new Map<PeerId, PhoneVoice>();
  /** By producer. */
  readonly #tapped = new Map<string, Tapped>();
  readonly #unsubscribe: readonly (() => void)[];
  #look: Timer | undefined;
  #lastVoice = 0;
  #closed = false;

  constructor(parts: PhoneRoomParts) {
    this.#parts = parts;
    const { id, room, thread } = parts;
    this.id = id;
    this.thread = thread;
    thread.tell('openRoom', id);
    this.#tap = room.openTap({ ip: host, port: thread.tapPort });
    this.#unsubscribe = [
      room.events.on('producerAdded', ({ producer, replaces }) => this.#lookNow({ [producer.producerId]: replaces })),
      room.events.on('producerClosed', ({ producerId }) => this.#drop(producerId)),
      room.events.on('producerChanged', ({ peerId, producer }) => this.#phones.get(peerId)?.changed(producer)),
      room.events.on('reset', ({ peerIds, producers }) => {
        for (const { producerId } of producers) this.#drop(producerId);
        for (const peerId of peerIds) this.#phones.get(peerId)?.lost();
        this.#lookNow();
      }),
      this.#tap.events.on('lost', ({ producerIds }) => {
        for (const producerId of producerIds) this.#drop(producerId);
      }),
      this.#tap.events.on('interrupted', ({ producerId }) => {
        this.#drop(producerId);
        this.#lookNow();
      }),
    ];
    this.#lookAgain();
  }

  /** Resolves when the phone hears the room, and is heard where its codec is known. @throws {AppError} as RoomMedia.openSource */
  async enter(
    peerId: PeerId,
    phone: {
      readonly leg: number;
      readonly owner: string;
      readonly codec: PhoneCodec | undefined;
      readonly isMuted: boolean;
    },
  ): Promise<PhoneVoice> {
    const { room, clock, log, thread } = this.#parts;
    const voice = new PhoneVoice({ ...phone, peerId, room, roomId: this.id, thread, clock, log });
    this.#phones.set(peerId, voice);
    // Its own track is not to come back by the tap.
    this.#lookNow();
    try {
      await voice.open();
    } catch (error) {
      this.leave(peerId);
      throw error;
    }
    return voice;
  }

  leave(peerId: PeerId): void {
    const voice = this.#phones.get(peerId);
    if (!voice) return;
    this.#phones.delete(peerId);
    voice.close();
    if (this.#phones.size === 0) this.#parts.onEmpty();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#look?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const voice of this.#phones.values()) voice.close();
    this.#phones.clear();
    this.#tap.close();
    this.#tapped.clear();
    this.thread.tell('closeRoom', this.id);
  }

  #lookAgain(): void {
    this.#lookNow();
    this.#look = this.#parts.clock.after(lookEveryMs, () => this.#lookAgain());
  }

  /** Brings what is tapped in line with what is sent in the room. `replaced`: what a new track is in the place of. */
  #lookNow(replaced: Readonly<Record<string, string | undefined>> = {}): void {
    if (this.#closed) return;
    const wanted = new Set<string>();
    for (const { peerId, producer } of this.#parts.room.allProducers()) {
      // Nobody but its receivers can read what is end-to-end encrypted.
      if (producer.kind !== 'audio' || producer.encrypted || this.#phones.has(peerId)) continue;
      wanted.add(producer.producerId);
      if (!this.#tapped.has(producer.producerId)) {
        void this.#add(producer.producerId, replaced[producer.producerId]);
      }
    }
    for (const producerId of [...this.#tapped.keys()]) if (!wanted.has(producerId)) this.#drop(producerId);
  }

  /** Does not reject: what cannot be had now is tried again at the next look. */
  async #add(producerId: string, replaces: string | undefined): Promise<void> {
    this.#lastVoice += 1;
    const tapped: Tapped = { id: this.#lastVoice, track: undefined };
    this.#tapped.set(producerId, tapped);
    const { log, room } = this.#parts;
    try {
      const track = await this.#tap.add(producerId);
      const facts = tapFactsOf(track);
      if (this.#tapped.get(producerId) !== tapped || !facts) {
        track.close();
        return;
      }
      tapped.track = track;
      // Both send for a moment: the old one is not heard beside the new.
      const before = replaces === undefined ? undefined : this.#tapped.get(replaces)?.id;
      this.thread.tell('addVoice', this.id, tapped.id, facts, before);
      await track.resume();
    } catch (error) {
      if (this.#tapped.get(producerId) !== tapped) return;
      // It does not come back while its producer is there: it speaks what cannot be tapped.
      if (!(error instanceof AppError && error.reason === 'CANNOT_CONSUME')) this.#drop(producerId);
      log.debug({ err: error, producerId, producers: room.allProducers().length }, 'a voice is not mixed for phones');
    }
  }

  #drop(producerId: string): void {
    const tapped = this.#tapped.get(producerId);
    if (!tapped) return;
    this.#tapped.delete(producerId);
    if (!tapped.track) return;
    this.thread.tell('removeVoice', this.id, tapped.id);
    tapped.track.close();
  }
}
