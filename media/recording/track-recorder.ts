import { join } from 'node:path';
import type { RtpPacket } from '../mixer/rtp/rtp-packet.ts';
import { createDepacketizer, type Depacketize } from './depacketize/create-depacketizer.ts';
import type { Frame } from './depacketize/frame.ts';
import type { GapReason, JournalLine, TrackEnd } from './journal.ts';
import type { TrackPlan } from './recorder-protocol.ts';
import { type OrderedPacket, Reorder } from './reorder.ts';
import { RtpClock } from './rtp-clock.ts';
import { extensionOf, isVideo, TrackFile } from './track-file.ts';

/** A sound that misses less is told in packets alone. */
const minGapMs = 100;
/** How often a sender is asked for a key frame that does not come. */
const askAgainMs = 1_000;

interface TrackRecorderParts {
  readonly plan: TrackPlan;
  readonly folder: string;
  /** When the recording started, by the same clock as the times of packets. */
  readonly startedMs: number;
  readonly note: (line: JournalLine) => void;
  readonly askForKeyFrame: () => void;
  readonly onFailed: (error: Error) => void;
}

/** One track, from its packets to its file, which is made with the first frame. */
export class TrackRecorder {
  readonly #parts: TrackRecorderParts;
  readonly #reorder = new Reorder();
  readonly #depacketize: Depacketize;
  readonly #clock: RtpClock;
  readonly #isVideo: boolean;
  #file: TrackFile | undefined;
  #offsetMs = 0;
  /** Of the recording: where the last frame ends. */
  #endMs = 0;
  #lostPackets = 0;
  /** A picture without its key frame shows nothing, or rubbish. */
  #awaitsKey: boolean;
  #askedMs = Number.NEGATIVE_INFINITY;
  #hole: { readonly fromMs: number; readonly why: GapReason } | undefined;
  #silence: { readonly fromMs: number; readonly why: GapReason } | undefined;
  #broken = false;
  #closed = false;

  constructor(parts: TrackRecorderParts) {
    this.#parts = parts;
    this.#depacketize = createDepacketizer(parts.plan.codec);
    this.#clock = new RtpClock(parts.plan.clockRate, (byMs) => this.#settled(byMs));
    this.#isVideo = isVideo(parts.plan.codec);
    this.#awaitsKey = this.#isVideo;
  }

  get bytes(): number {
    return this.#file?.bytes ?? 0;
  }

  get lostPackets(): number {
    return this.#lostPackets;
  }

  push(packet: RtpPacket, nowMs: number): void {
    if (packet.payloadType !== this.#parts.plan.payloadType) return;
    for (const ordered of this.#reorder.push(packet, nowMs)) this.#take(ordered);
  }

  /** To be called now and then. */
  tick(nowMs: number): void {
    for (const ordered of this.#reorder.release(nowMs)) this.#take(ordered);
  }

  /** Writes what came; to be called now and then, as what is not written is lost with the process. */
  flush(): void {
    this.#file?.flush();
  }

  /** Its sender paused it, or a moderator did; undefined: it goes on. */
  setPaused(why: 'paused' | 'muted' | undefined, nowMs: number): void {
    if (this.#silence) this.#noteGap(this.#silence, nowMs - this.#parts.startedMs);
    this.#silence = why && { fromMs: nowMs - this.#parts.startedMs, why };
    // It begins with a key frame again.
    if (why && this.#isVideo) this.#awaitsKey = true;
  }

  async close(why: TrackEnd, nowMs: number): Promise<void> {
    if (this.#closed) return;
    for (const ordered of this.#reorder.flush()) this.#take(ordered);
    this.#clock.settle();
    this.#closed = true;
    const { note, plan, startedMs } = this.#parts;
    const atMs = Math.round(nowMs - startedMs);
    if (this.#silence) this.#noteGap(this.#silence, atMs);
    if (this.#hole) this.#noteGap(this.#hole, atMs);
    await this.#file?.close();
    const durationMs = Math.max(0, Math.round(this.#endMs - this.#offsetMs));
    note({ type: 'ended', trackId: plan.trackId, atMs, durationMs, lostPackets: this.#lostPackets, why });
  }

  #take(ordered: OrderedPacket): void {
    if (this.#closed || this.#broken) return;
    const { lost, arrivedMs, packet } = ordered;
    if (lost > 0) {
      this.#lostPackets += lost;
      this.#openHole('lost');
      if (this.#isVideo) this.#awaitsKey = true;
    }
    const frame = this.#depacketize(ordered);
    if (frame) this.#add(frame, arrivedMs);
    else if (this.#awaitsKey && packet.marker) this.#ask(arrivedMs);
  }

  #add(frame: Frame, arrivedMs: number): void {
    if (this.#awaitsKey && !frame.key) {
      this.#ask(arrivedMs);
      return;
    }
    const atMs = this.#clock.at(frame.timestamp, arrivedMs) - this.#parts.startedMs;
    if (this.#file?.takesMore === false) {
      this.#openHole('disk');
      this.#awaitsKey = this.#isVideo;
      return;
    }
    this.#awaitsKey = false;
    const file = this.#file ?? this.#begin(atMs);
    const placedMs = this.#offsetMs + file.add(frame, atMs - this.#offsetMs);
    if (this.#hole) {
      this.#noteGap(this.#hole, placedMs);
      this.#hole = undefined;
    }
    this.#endMs = placedMs + (frame.durationMs ?? 0);
  }

  #begin(atMs: number): TrackFile {
    const { folder, plan, onFailed } = this.#parts;
    // What came while the recording was being started belongs to its start.
    this.#offsetMs = Math.max(0, Math.round(atMs));
    this.#hole = undefined;
    this.#file = new TrackFile({
      path: join(folder, fileOf(plan)),
      codec: plan.codec,
      channels: plan.channels,
      onFailed,
      onBroken: (error) => this.#break(error),
    });
    this.#noteFile();
    return this.#file;
  }

  /** What one sender sends must not end what is recorded of the others. */
  #break(error: Error): void {
    this.#broken = true;
    const { note, plan, startedMs } = this.#parts;
    const { trackId, peerId, identity, name, source, kind, codec } = plan;
    const atMs = Math.round(performance.now() - startedMs);
    const problem = `it could not be written on: ${error.message}`;
    note({ type: 'skipped', atMs, trackId, peerId, identity, name, source, kind, codec, problem });
  }

  /** The file as a whole begins earlier than its first packet, which had waited, came. */
  #settled(byMs: number): void {
    if (!this.#file) return;
    const before = this.#offsetMs;
    this.#offsetMs = Math.max(0, Math.round(before + byMs));
    this.#endMs += this.#offsetMs - before;
    if (this.#offsetMs !== before) this.#noteFile();
  }

  #noteFile(): void {
    const { note, plan } = this.#parts;
    note({ type: 'file', trackId: plan.trackId, file: fileOf(plan), offsetMs: this.#offsetMs });
  }

  #openHole(why: GapReason): void {
    if (this.#file) this.#hole ??= { fromMs: this.#endMs, why };
  }

  #noteGap({ fromMs, why }: { fromMs: number; why: GapReason }, toMs: number): void {
    if (toMs - fromMs < minGapMs) return;
    const { note, plan } = this.#parts;
    note({ type: 'gap', trackId: plan.trackId, fromMs: Math.round(fromMs), toMs: Math.round(toMs), why });
  }

  #ask(nowMs: number): void {
    if (nowMs - this.#askedMs < askAgainMs) return;
    this.#askedMs = nowMs;
    this.#parts.askForKeyFrame();
  }
}

function fileOf({ trackId, codec }: TrackPlan): string {
  return `${trackId}.${extensionOf(codec)}`;
}
