import type { Timer } from '../../core/clock.ts';
import type { Levels } from '../../proto/gen/node-types.ts';
import type { OutTrack } from '../nodes/out-track.ts';
import type { RemoteTrack } from '../nodes/remote-track.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { PolicyContext, RoomPolicy } from '../room-policy.ts';
import type { HeardVoice } from '../room-voices.ts';
import { chooseFloor, type FloorRules } from './choose-floor.ts';
import { FarVoice } from './far-voice.ts';
import { FloorExchange } from './floor-exchange.ts';
import { GatedVoice } from './gated-voice.ts';
import { HeardSpeakers } from './heard-speakers.ts';
import { HoldQueue, type VoiceWay } from './hold-queue.ts';
import type { LevelSource } from './level-source.ts';
import { quietestDbov } from './voice-meter.ts';

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
 * producer that the engine pauses could not be heard asking for the floor. Each node holds back its own microphones, from
 * clients here and on the way to other nodes; the owner of the room decides for all, and each for its own while there is none.
 */
export class FloorPolicy implements RoomPolicy {
  readonly #context: PolicyContext;
  readonly #levels: LevelSource;
  readonly #counts: FloorCounts;
  readonly #onClosed: () => void;
  readonly #rules: FloorRules;
  readonly #speakers: HeardSpeakers;
  readonly #queue: HoldQueue;
  /** Undefined: this node is the only one. */
  readonly #exchange: FloorExchange | undefined;
  /** Microphones of other nodes, by producer id. */
  readonly #far = new Map<string, FarVoice>();
  /** All microphones of this node, by producer id, in the order in which they came. */
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
    this.#queue = new HoldQueue((way) => this.#isHeld(way.producer), context.defer);
    this.#speakers = new HeardSpeakers({
      clock: context.clock,
      onChanged: (peerIds) => context.speakers.speakersAre(peerIds),
    });
    this.#exchange =
      context.nodes &&
      new FloorExchange({
        nodes: context.nodes,
        clock: context.clock,
        onFloor: (producerIds) => this.#obey(producerIds),
        onLevels: (node, levels) => this.#hearFar(node, levels),
        onChanged: () => this.#deciderChanged(),
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
    // A copy is held back where it comes from.
    if (producer.source !== 'microphone' || producer.peer.isElsewhere || this.#rules.size === 0) return;
    const voice = new GatedVoice(producer, { isExempt: !this.#levels.canRead(producer) });
    this.#voices.set(producer.id, voice);
    if (this.#gates) this.#watch(voice);
    this.#settle();
  }

  producerChanged(producer: RoomProducer): void {
    if (producer.info.paused) this.#speakers.forget(producer.id);
    const voice = this.#voices.get(producer.id);
    if (!voice) return;
    if (!voice.isOpen) this.#leave(voice);
    this.#settle();
  }

  producerRemoved(producer: RoomProducer): void {
    // What is told of a copy's end is that of the track itself.
    if (!producer.peer.isElsewhere) this.#speakers.forget(producer.id);
    const voice = this.#voices.get(producer.id);
    if (!voice) return;
    this.#voices.delete(producer.id);
    voice.close();
    this.#settle();
  }

  remoteTrackChanged(track: RemoteTrack): void {
    const { producerId, source, paused } = track.info;
    if (paused) this.#speakers.forget(producerId);
    if (source !== 'microphone' || this.#rules.size === 0) return;
    const known = this.#far.get(producerId);
    if (known?.track === track) {
      if (!known.isOpen) known.onFloorSinceMs = undefined;
    } else {
      this.#far.set(producerId, new FarVoice(track));
    }
    this.#settle();
  }

  remoteTrackGone({ info: { producerId } }: RemoteTrack): void {
    this.#speakers.forget(producerId);
    if (this.#far.delete(producerId)) this.#settle();
  }

  trackSent(track: OutTrack): void {
    if (this.#isHeld(track.producer)) track.hold('floor', true);
  }

  consumerAdded(consumer: RoomConsumer): void {
    if (this.#isHeld(consumer.producer)) consumer.hold('floor', true);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#queue.forget(consumer);
  }

  voicesHeard(voices: readonly HeardVoice[]): void {
    this.#speakers.hear(voices);
  }

  close(): void {
    this.#coolDown?.cancel();
    this.#exchange?.close();
    this.#speakers.close();
    for (const voice of this.#voices.values()) voice.close();
    this.#voices.clear();
    this.#far.clear();
    this.#onClosed();
  }

  #isHeld(producer: RoomProducer): boolean {
    return this.#gates && (this.#voices.get(producer.id)?.isHeld ?? false);
  }

  /** Gates when more are open than have room, on all nodes; lets everybody speak otherwise. */
  #settle(): void {
    const open = [...this.#voices.values(), ...this.#far.values()].filter(isOpen);
    const isFull = open.length > this.#rules.size;
    if (isFull) {
      this.#coolDown?.cancel();
      this.#coolDown = undefined;
      if (!this.#gates) this.#startGating();
    } else if (this.#gates) {
      for (const voice of open) this.#enter(voice);
      this.#coolDown ??= this.#context.clock.after(coolDownMs, () => this.#stopGating());
    }
    this.#queue.run();
    this.#sayFloor();
  }

  /** The voices over which this node decides. */
  get #own(): readonly (GatedVoice | FarVoice)[] {
    if (this.#exchange?.follows) return [];
    const far = this.#exchange?.isOwner ? [...this.#far.values()] : [];
    return [...this.#voices.values(), ...far].filter(isOpen);
  }

  /** Who is heard already keeps the floor; then those who came first. */
  #startGating(): void {
    this.#gates = true;
    const nowMs = this.#context.clock.monotonicMs();
    const open = this.#own;
    const heard = open.filter(({ id }) => this.#speakers.isHeard(id));
    for (const voice of heard) {
      if (voice instanceof GatedVoice) voice.meter.lastHeardAtMs = nowMs;
      else voice.hear(quietestDbov, nowMs, nowMs);
    }
    for (const voice of [...new Set([...heard, ...open])].slice(0, this.#rules.size)) voice.onFloorSinceMs = nowMs;
    for (const voice of this.#voices.values()) this.#watch(voice);
  }

  #stopGating(): void {
    this.#coolDown = undefined;
    this.#gates = false;
    this.#exchange?.stop();
    for (const voice of this.#far.values()) voice.onFloorSinceMs = undefined;
    for (const voice of [...this.#voices.values()]) {
      const { producer, isExempt } = voice;
      voice.close();
      this.#voices.set(producer.id, new GatedVoice(producer, { isExempt }));
      this.#queue.add(waysOf(producer), { flow: true });
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
        if (voice.isHeld) this.#queue.add(waysOf(producer), { flow: false });
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
    if (this.#exchange?.isOwner === false && voice.isOpen) {
      const isOnset = isHeard && voice.onFloorSinceMs === undefined;
      this.#exchange.report(() => this.#levelsAt(nowMs), isOnset ? 'onset' : 'due');
    }
    if (!isHeard || voice.onFloorSinceMs !== undefined || !voice.isOpen || nowMs < this.#nextDecisionAtMs) return;
    this.#decide(nowMs);
  }

  #decide(nowMs: number): void {
    const voices = this.#own;
    const byId = new Map(voices.map((voice) => [voice.id, voice]));
    const { enter, leave, contested } = chooseFloor(
      voices.map((voice) => voice.at(nowMs)),
      this.#rules,
      nowMs,
    );
    if (contested) this.#nextDecisionAtMs = nowMs + decideEveryMs;
    this.#counts.switches += enter.length;
    for (const voice of enter.map((id) => byId.get(id))) if (voice) this.#enter(voice);
    for (const voice of leave.map((id) => byId.get(id))) if (voice) this.#leave(voice);
    this.#queue.run();
    this.#sayFloor();
  }

  #enter(voice: GatedVoice | FarVoice): void {
    if (voice.onFloorSinceMs !== undefined) return;
    voice.onFloorSinceMs = this.#context.clock.monotonicMs();
    if (voice instanceof GatedVoice) this.#queue.add(waysOf(voice.producer), { flow: true });
  }

  #leave(voice: GatedVoice | FarVoice): void {
    if (voice.onFloorSinceMs === undefined) return;
    voice.onFloorSinceMs = undefined;
    if (voice instanceof GatedVoice) this.#queue.add(waysOf(voice.producer), { flow: false });
  }

  /** To the other nodes, where this one decides for them. */
  #sayFloor(): void {
    if (!this.#gates || !this.#exchange?.isOwner) return;
    const all = [...this.#voices.values(), ...this.#far.values()];
    const onFloor = all.filter(({ isExempt, onFloorSinceMs }) => isExempt || onFloorSinceMs !== undefined);
    this.#exchange.say(onFloor.map(({ id }) => id));
  }

  /** The owner of the room decided. Here that is about microphones of this node; of others it is known for what comes after. */
  #obey(producerIds: ReadonlySet<string>): void {
    if (!this.#gates) return;
    for (const voice of [...this.#voices.values(), ...this.#far.values()].filter(isOpen)) {
      if (producerIds.has(voice.id)) this.#enter(voice);
      else this.#leave(voice);
    }
    this.#queue.run();
  }

  /** Another node decides, or this one: what stands goes on, as far as there is room for it. */
  #deciderChanged(): void {
    if (!this.#gates) return;
    const nowMs = this.#context.clock.monotonicMs();
    this.#exchange?.report(() => this.#levelsAt(nowMs), 'now');
    const members = this.#own
      .filter(({ onFloorSinceMs }) => onFloorSinceMs !== undefined)
      .sort((one, other) => other.at(nowMs).lastHeardAtMs - one.at(nowMs).lastHeardAtMs || 0);
    for (const voice of members.slice(this.#rules.size)) this.#leave(voice);
    this.#settle();
  }

  #hearFar(node: string, { voices, exemptProducerIds }: Levels): void {
    const nowMs = this.#context.clock.monotonicMs();
    const exempt = new Set(exemptProducerIds);
    let isNew = false;
    for (const voice of this.#far.values()) {
      if (voice.track.node !== node || voice.isExempt === exempt.has(voice.id)) continue;
      voice.isExempt = !voice.isExempt;
      voice.onFloorSinceMs = undefined;
      isNew = true;
    }
    if (isNew) this.#settle();
    let asks = false;
    for (const { producerId, level, silentMs } of voices) {
      const voice = this.#far.get(producerId);
      if (voice?.track.node !== node || !isOpen(voice)) continue;
      voice.hear(level, nowMs - silentMs, nowMs);
      asks ||= voice.onFloorSinceMs === undefined && silentMs <= contendMs;
    }
    if (this.#gates && asks && nowMs >= this.#nextDecisionAtMs) this.#decide(nowMs);
  }

  /** Those who were heard lately, for the owner of the room. */
  #levelsAt(nowMs: number): Levels {
    const all = [...this.#voices.values()].filter(({ isOpen }) => isOpen);
    const heard = all.filter(({ isExempt, meter }) => !isExempt && nowMs - meter.lastHeardAtMs <= hangOverMs);
    return {
      voices: heard.map(({ id, meter }) => ({
        producerId: id,
        level: meter.levelAt(nowMs),
        silentMs: Math.round(nowMs - meter.lastHeardAtMs),
      })),
      exemptProducerIds: all.filter(({ isExempt }) => isExempt).map(({ id }) => id),
    };
  }

  #exempt(voice: GatedVoice): void {
    voice.isExempt = true;
    voice.unwatch();
    voice.onFloorSinceMs = undefined;
    this.#queue.add(waysOf(voice.producer), { flow: true });
    this.#exchange?.report(() => this.#levelsAt(this.#context.clock.monotonicMs()), 'now');
    this.#settle();
  }
}

function isOpen(voice: GatedVoice | FarVoice): boolean {
  return voice.isOpen && !voice.isExempt;
}

function waysOf({ consumers, sentTo }: RoomProducer): readonly VoiceWay[] {
  return [...consumers, ...sentTo];
}
