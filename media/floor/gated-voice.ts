import type { RoomProducer } from '../room-objects.ts';
import type { Voice } from './choose-floor.ts';
import { VoiceMeter } from './voice-meter.ts';

const nothing = () => {};

/** A microphone of a room whose floor is limited. */
export class GatedVoice {
  readonly id: string;
  readonly producer: RoomProducer;
  readonly meter = new VoiceMeter();
  /** Undefined: it does not have the floor. */
  onFloorSinceMs: number | undefined;
  /** Its level cannot be read: it is always forwarded, and has none of the places. */
  isExempt: boolean;
  /** Levels come. Before, nobody could hear it ask for the floor, so it is forwarded. */
  isWatched = false;
  closed = false;
  stop: () => void = nothing;

  constructor(producer: RoomProducer, { isExempt }: { isExempt: boolean }) {
    this.id = producer.id;
    this.producer = producer;
    this.isExempt = isExempt;
  }

  get isOpen(): boolean {
    return !this.producer.closed && !this.producer.info.paused;
  }

  /** Its consumers are to wait. */
  get isHeld(): boolean {
    return this.isWatched && !this.isExempt && this.onFloorSinceMs === undefined;
  }

  at(nowMs: number): Voice {
    return {
      id: this.id,
      levelDbov: this.meter.levelAt(nowMs),
      lastHeardAtMs: this.meter.lastHeardAtMs,
      onFloorSinceMs: this.onFloorSinceMs,
    };
  }

  close(): void {
    this.closed = true;
    this.unwatch();
  }

  unwatch(): void {
    const { stop } = this;
    this.stop = nothing;
    stop();
  }
}
