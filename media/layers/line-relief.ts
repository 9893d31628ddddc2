// A line that suddenly bears less than is sent over it loses sounds with all else. The worker's estimate of its bandwidth
// follows within a second or two, but clients ask for what is lost again and again, and get more of that than of anything
// else for seconds: so for a moment nothing flows that could be asked for.

import type { Clock, Timer } from '../../core/clock.ts';
import type { TrackSample } from '../engine.ts';
import { RoomConsumer } from '../room-consumer.ts';
import type { RoomTransport } from '../room-objects.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy, Sampled } from '../room-policy.ts';
import { estimatesBandwidth, lostShare } from './path-of.ts';

/** Of ten: more is lost than retransmissions mend. */
const badScore = 4;
/** Of a still screen so few packets flow that a single one makes a bad score. */
const leastPackets = 30;
const flooded = 0.15;
/** A paused stream forgets what it could send again, and the queue on the line runs dry. */
const holdMs = 1_000;
/** How long only the lowest layers flow after that: what was too much is not to come back at once. */
const firstLimitMs = 15_000;
const mostLimitMs = 60_000;
/** A line that bore everything for so long has another fault when it is flooded again. */
const calmMs = 60_000;

/** Since it was relieved last. */
interface Line {
  readonly limitMs: number;
  readonly untilMs: number;
  timer: Timer | undefined;
}

export const createLineRelief: CreatePolicy = (context) => new LineRelief(context);

/** Whether much more was lost on the way than a path loses that is merely bad. */
export function isFlooded(sample: TrackSample | undefined, last: TrackSample | undefined): boolean {
  return (lostShare(sample, last, leastPackets) ?? 0) > flooded;
}

/** `last`: the limit before, and how long ago it ended. */
export function nextLimitMs(last: { readonly limitMs: number; readonly endedMsAgo: number } | undefined): number {
  if (!last || last.endedMsAgo > calmMs) return firstLimitMs;
  return Math.min(last.limitMs * 2, mostLimitMs);
}

class LineRelief implements RoomPolicy {
  readonly #clock: Clock;
  readonly #lines = new Map<RoomTransport, Line>();
  /** Pictures, as they were read last. */
  readonly #samples = new Map<RoomConsumer, TrackSample>();
  /** Being read because of their scores. */
  readonly #asked = new Set<RoomConsumer>();

  constructor({ clock }: PolicyContext) {
    this.#clock = clock;
  }

  consumerAdded(consumer: RoomConsumer): void {
    const line = this.#lines.get(consumer.transport);
    if (line && isPicture(consumer) && this.#isLimited(line)) limit(consumer);
  }

  consumerRemoved(consumer: RoomConsumer): void {
    this.#samples.delete(consumer);
    this.#asked.delete(consumer);
    const { transport } = consumer;
    if (transport.consumers.size > 0 && !transport.closed) return;
    this.#lines.get(transport)?.timer?.cancel();
    this.#lines.delete(transport);
  }

  sampled({ track, samples: [sample], before }: Sampled): void {
    if (!sample || !(track instanceof RoomConsumer) || !isPicture(track)) return;
    this.#samples.set(track, sample);
    // A bad score may have come too soon after the reading before to be judged.
    if (sample.score <= badScore && isFlooded(sample, before?.samples[0])) this.#relieve(track.transport);
  }

  consumerScored(consumer: RoomConsumer, score: number): void {
    const line = this.#lines.get(consumer.transport);
    const isRelieved = line !== undefined && this.#isLimited(line);
    if (score > badScore || isRelieved || this.#asked.has(consumer) || !this.#samples.has(consumer)) return;
    void this.#look(consumer);
  }

  close(): void {
    for (const { timer } of this.#lines.values()) timer?.cancel();
    this.#lines.clear();
    this.#samples.clear();
  }

  async #look(consumer: RoomConsumer): Promise<void> {
    this.#asked.add(consumer);
    const last = this.#samples.get(consumer);
    // What fails here has just ended.
    const sample = await consumer.engine.sample().catch(() => undefined);
    if (!this.#asked.delete(consumer) || !consumer.flows) return;
    if (isFlooded(sample, last)) this.#relieve(consumer.transport);
  }

  #relieve(transport: RoomTransport): void {
    const nowMs = this.#clock.monotonicMs();
    const last = this.#lines.get(transport);
    if (last && this.#isLimited(last)) return;
    const limitMs = nextLimitMs(last && { limitMs: last.limitMs, endedMsAgo: nowMs - last.untilMs });
    const line: Line = { limitMs, untilMs: nowMs + limitMs, timer: undefined };
    this.#lines.set(transport, line);
    for (const picture of picturesOf(transport)) {
      picture.hold('line', true);
      limit(picture);
    }
    line.timer = this.#clock.after(holdMs, () => {
      for (const picture of picturesOf(transport)) picture.hold('line', false);
      line.timer = this.#clock.after(limitMs - holdMs, () => {
        for (const picture of picturesOf(transport)) picture.limit('line', undefined);
      });
    });
  }

  #isLimited(line: Line): boolean {
    return this.#clock.monotonicMs() < line.untilMs;
  }
}

function limit(picture: RoomConsumer): void {
  if (picture.engine.layers.spatial > 1) picture.limit('line', { spatialLayer: 0, temporalLayer: undefined });
}

function picturesOf(transport: RoomTransport): RoomConsumer[] {
  return [...transport.consumers].filter(isPicture);
}

/** Without an estimate nothing keeps it from coming back as it was; LossSteps sees to those. */
function isPicture(consumer: RoomConsumer): boolean {
  return consumer.producer.kind === 'video' && estimatesBandwidth(consumer);
}
