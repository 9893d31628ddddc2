import type { Timer } from '../../core/clock.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { PolicyContext, RoomPolicy } from '../room-policy.ts';
import { chooseFloor, type FloorRules } from './choose-floor.ts';
import { GatedVoice } from './gated-voice.ts';
import { HeardSpeakers } from './heard-speakers.ts';
import { HoldQueue } from './hold-queue.ts';
import type { LevelSource } from './level-source.ts';

const hangOverMs = 1_500;
const minHoldMs = 600;
const marginDb = 6;
const contendMs = 60;
/** While more speak than have room, decided so often at most: half the time between two packets of a voice. */
const decideEveryMs = 10;
/** A room with few open microphones again is still listened to for so long. */
const coolDownMs = 10_000;

export interface FloorCounts {
  /** Voices that got the floor while others wait. */
  switches: number;
}

interface FloorParts {
  readonly levels: LevelSource;
  readonly counts: FloorCounts;
  readonly onClosed: () => void;
}

/**
 * Forwards the loudest microphones of a room, once more are open than have room. What is held back is each consumer: a
 * producer that the engine pauses could not be heard asking for the floor.
 */
export class FloorPolicy implements RoomPolicy {
  readonly #context: PolicyContext;
  readonly #levels: LevelSource;
  readonly #counts: FloorCounts;
  readonly #onClosed: () => void;
  readonly #rules: FloorRules;
  readonly #speakers: HeardSpeakers;
  readonly #queue: HoldQueue;
  /** All microphones, by producer id, in the order in which they came. */
  readonly #voices = new Map<string, GatedVoice>();
  #gates = false;
  #coolDown: Timer | undefined;
  #nextDecisionAtMs = 0;

  constructor(context: PolicyContext, { levels, counts, onClosed }: FloorParts) {
    this.#context = context;
    this.#levels = levels;
    this.#counts = counts;
    this.#onClosed = onClosed;
    this.#rules = { size: context.options.loudestSpeakers, hangOverMs, minHoldMs, marginDb, contendMs };
    this.#queue = new HoldQueue((consumer) => this.#isHeld(consumer.producer), context.defer);
    this.#speakers = new HeardSpeakers({
      clock: context.clock,
      onChanged: (peerIds) => context.events.emit('speakersChanged', { peerIds }),
    });
  }

  /** Whether voices have to wait for the floor. */
  get gates(): boolean {
    return this.#gates;
  }

  get heldConsumers(): number {
    let held = 0;
    for (const { producer } of this.#voices.values()) {
      for (const consumer of producer.consumers) if (consumer.isHeldBy('floor')) held += 1;
    }
    return held;
  }

  producerAdded(producer: RoomProducer): void {
    if (producer.source !== 'microphone' || this.#rules.size === 0) return;
    const voice = new GatedVoice(producer, { isExempt: !this.#levels.canRead(producer) });
    this.#voices.set(producer.id, voice);
    if (this.#gates) this.#watch(voice);
    this.#settle();
  }

  producerChanged(producer: RoomProducer): void {
    if (producer.info.paused) this.#speakers.forget(producer);
    const voice = this.#voices.get(producer.id);
    if (!voice) return;
    if (!voice.isOpen) this.#leave(voice);
    this.#settle();
  }

  producerRemoved(producer: RoomProducer): void {
    this.#speakers.forget(producer);
    const voice = this.#voices.get(producer.id);
    if (!voice) return;
    this.#voices.delete(producer.id);
    voice.close();
    this.#settle();
  }

  consumerAdded(consumer: RoomConsumer): void {
    if (this.#isHeld(consumer.producer)) consumer.hold('floor', true);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#queue.forget(consumer);
  }

  voicesHeard(voices: readonly { readonly producer: RoomProducer; readonly levelDbov: number }[]): void {
    this.#speakers.hear(voices);
  }

  close(): void {
    this.#coolDown?.cancel();
    this.#speakers.close();
    for (const voice of this.#voices.values()) voice.close();
    this.#voices.clear();
    this.#onClosed();
  }

  #isHeld(producer: RoomProducer): boolean {
    return this.#gates && (this.#voices.get(producer.id)?.isHeld ?? false);
  }

  /** Gates when more are open than have room; lets everybody speak otherwise. */
  #settle(): void {
    const open = [...this.#voices.values()].filter((voice) => voice.isOpen && !voice.isExempt);
    const isFull = open.length > this.#rules.size;
    if (isFull) {
      this.#coolDown?.cancel();
      this.#coolDown = undefined;
      if (!this.#gates) this.#startGating(open);
    } else if (this.#gates) {
      for (const voice of open) this.#enter(voice);
      this.#coolDown ??= this.#context.clock.after(coolDownMs, () => this.#stopGating());
    }
    this.#queue.run();
  }

  /** Who is heard already keeps the floor; then those who came first. */
  #startGating(open: readonly GatedVoice[]): void {
    this.#gates = true;
    const nowMs = this.#context.clock.monotonicMs();
    const heard = open.filter(({ producer }) => this.#speakers.isHeard(producer));
    for (const voice of heard) voice.meter.lastHeardAtMs = nowMs;
    for (const voice of [...new Set([...heard, ...open])].slice(0, this.#rules.size)) voice.onFloorSinceMs = nowMs;
    for (const voice of this.#voices.values()) this.#watch(voice);
  }

  #stopGating(): void {
    this.#coolDown = undefined;
    this.#gates = false;
    for (const voice of [...this.#voices.values()]) {
      const { producer, isExempt } = voice;
      voice.close();
      this.#voices.set(producer.id, new GatedVoice(producer, { isExempt }));
      this.#queue.add(producer.consumers, { flow: true });
    }
    this.#queue.run();
  }

  #watch(voice: GatedVoice): void {
    if (voice.isExempt) return;
    const { producer } = voice;
    this.#levels
      .watch(producer, producer.transport.router, (level) => this.#hear(voice, level))
      .then((stop) => {
        if (voice.closed || voice.isExempt) return stop();
        voice.stop = stop;
        voice.isWatched = true;
        if (voice.isHeld) this.#queue.add(producer.consumers, { flow: false });
        this.#queue.run();
      })
      .catch((error: unknown) => {
        if (voice.closed) return;
        const { log, room } = this.#context;
        log.warn(
          { room, producerId: producer.id, err: error },
          'a voice is forwarded always: its level cannot be read',
        );
        this.#exempt(voice);
      });
  }

  #hear(voice: GatedVoice, level: number | 'unknown'): void {
    if (voice.closed || voice.isExempt) return;
    if (level === 'unknown') {
      this.#exempt(voice);
      return;
    }
    const nowMs = this.#context.clock.monotonicMs();
    const isHeard = voice.meter.add(level, nowMs);
    if (!isHeard || voice.onFloorSinceMs !== undefined || !voice.isOpen || nowMs < this.#nextDecisionAtMs) return;
    this.#decide(nowMs);
  }

  #decide(nowMs: number): void {
    const voices = [...this.#voices.values()].filter((voice) => voice.isOpen && !voice.isExempt);
    const { enter, leave, contested } = chooseFloor(
      voices.map((voice) => voice.at(nowMs)),
      this.#rules,
      nowMs,
    );
    if (contested) this.#nextDecisionAtMs = nowMs + decideEveryMs;
    this.#counts.switches += enter.length;
    for (const voice of enter.map((id) => this.#voices.get(id))) if (voice) this.#enter(voice);
    for (const voice of leave.map((id) => this.#voices.get(id))) if (voice) this.#leave(voice);
    this.#queue.run();
  }

  #enter(voice: GatedVoice): void {
    if (voice.onFloorSinceMs !== undefined) return;
    voice.onFloorSinceMs = this.#context.clock.monotonicMs();
    this.#queue.add(voice.producer.consumers, { flow: true });
  }

  #leave(voice: GatedVoice): void {
    if (voice.onFloorSinceMs === undefined) return;
    voice.onFloorSinceMs = undefined;
    this.#queue.add(voice.producer.consumers, { flow: false });
  }

  #exempt(voice: GatedVoice): void {
    voice.isExempt = true;
    voice.unwatch();
    voice.onFloorSinceMs = undefined;
    this.#queue.add(voice.producer.consumers, { flow: true });
    this.#settle();
  }
}
