// A track that should flow and does not is mended by steps, each a little ruder than the one before.

import type { Clock } from '../../core/clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy, Sampled } from '../room-policy.ts';
import { createLayerStats, type LayerStats } from './layer-stats.ts';
import { RestartBudget } from './restart-budget.ts';

/** Readings of both ends do not fall together: one still interval may be that alone. */
const stillSamples = 2;
/** In an interval; below, as in a silence, it is chance whether the readings see any. */
const enoughPackets = 10;
/** Packets that flow say nothing of a client that could not decode them so lately. */
const stallMs = 10_000;

const steps = ['keyFrame', 'lowerLayers', 'hold', 'restart'] as const;
type Step = (typeof steps)[number];

interface Patient {
  still: number;
  /** How many steps were tried since it last flowed. */
  tried: number;
  /** When its client last said that it decodes nothing. */
  stalledAtMs: number;
  /** Undoes what the last step did. */
  undo: (() => void) | undefined;
}

export function createWatchdog(stats: LayerStats = createLayerStats()): CreatePolicy {
  return (context) => new Watchdog(context, stats);
}

class Watchdog implements RoomPolicy {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #room: string;
  readonly #stats: LayerStats;
  readonly #restarts: RestartBudget;
  readonly #patients = new Map<RoomConsumer, Patient>();
  /** Producers that got packets when they were read last. */
  readonly #sending = new WeakSet<RoomProducer>();

  constructor({ clock, log, room }: PolicyContext, stats: LayerStats) {
    this.#clock = clock;
    this.#log = log;
    this.#room = room;
    this.#stats = stats;
    this.#restarts = new RestartBudget(clock);
  }

  consumerAdded(consumer: RoomConsumer): void {
    this.#patients.set(consumer, { still: 0, tried: 0, stalledAtMs: -Infinity, undo: undefined });
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#patients.delete(consumer);
  }

  producerRemoved(producer: RoomProducer): void {
    this.#restarts.forgetTrack(producer.id);
  }

  peerRemoved(peerId: PeerId): void {
    this.#restarts.forgetReceiver(peerId);
  }

  /** Packets may well come, that its client can make nothing of. */
  consumerStalled(consumer: RoomConsumer): void {
    const patient = this.#patients.get(consumer);
    if (!patient || !consumer.flows || consumer.producer.info.paused) return;
    patient.stalledAtMs = this.#clock.monotonicMs();
    // Of what does not come in either nothing is to be mended here.
    if (this.#sending.has(consumer.producer)) void this.#mendUnlessLeftOut(consumer, patient);
    else consumer.requestKeyFrame();
  }

  sampled({ track, samples, before }: Sampled): void {
    if (!before) return;
    const packets = count(samples) - count(before.samples);
    if (track instanceof RoomConsumer) this.#consumerSent(track, packets);
    else if (packets >= enoughPackets) this.#sending.add(track);
    else this.#sending.delete(track);
  }

  close(): void {
    this.#patients.clear();
  }

  #consumerSent(consumer: RoomConsumer, packets: number): void {
    const patient = this.#patients.get(consumer);
    if (!patient) return;
    undo(patient);
    if (packets > 0 || !this.#shouldFlow(consumer)) {
      patient.still = 0;
      if (this.#clock.monotonicMs() - patient.stalledAtMs > stallMs) patient.tried = 0;
      return;
    }
    patient.still += 1;
    if (patient.still >= stillSamples) void this.#mendUnlessLeftOut(consumer, patient);
  }

  #shouldFlow(consumer: RoomConsumer): boolean {
    const { flows, producer, transport } = consumer;
    const isReachable = transport.connected && transport.lost === undefined && !transport.closed;
    return flows && isReachable && !producer.info.paused && this.#sending.has(producer);
  }

  /** A picture that the path has no room for is left out for the sake of others: nothing is wrong with it. */
  async #mendUnlessLeftOut(consumer: RoomConsumer, patient: Patient): Promise<void> {
    // What fails here has just ended.
    const isLeftOut = await consumer.engine.isLeftOut().catch(() => true);
    if (!isLeftOut && this.#patients.get(consumer) === patient && consumer.flows) this.#mend(consumer, patient);
  }

  #mend(consumer: RoomConsumer, patient: Patient): void {
    // A client may say it sooner than anything is read.
    undo(patient);
    const step = steps[patient.tried] ?? 'restart';
    patient.tried += 1;
    if (step === 'restart' && !this.#mayRestart(consumer)) return;
    this.#stats.mended[step] += 1;
    patient.undo = this.#take(step, consumer);
  }

  /** Answers what undoes it. */
  #take(step: Step, consumer: RoomConsumer): (() => void) | undefined {
    switch (step) {
      case 'keyFrame':
        consumer.requestKeyFrame();
        return undefined;
      case 'lowerLayers':
        consumer.limit('mend', { spatialLayer: 0, temporalLayer: 0 });
        consumer.requestKeyFrame();
        return () => consumer.limit('mend', undefined);
      case 'hold':
        // Flowing again begins with a key frame, and with all that the worker keeps of a stream anew.
        consumer.hold('mend', true);
        consumer.hold('mend', false);
        return undefined;
      case 'restart':
        consumer.restart();
        return undefined;
    }
  }

  #mayRestart({ peer, producer }: RoomConsumer): boolean {
    const answer = this.#restarts.take(producer.id, peer.id);
    if (answer === 'used up') {
      this.#log.warn(
        { room: this.#room, peerId: peer.id, producerId: producer.id },
        'a track does not flow, whatever is tried',
      );
    }
    return answer === 'granted';
  }
}

/** What the last step did has had its time. */
function undo(patient: Patient): void {
  patient.undo?.();
  patient.undo = undefined;
}

function count(samples: readonly { readonly packets: number }[]): number {
  return samples.reduce((sum, { packets }) => sum + packets, 0);
}
