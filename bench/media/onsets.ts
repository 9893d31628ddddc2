import { setTimeout as sleep } from 'node:timers/promises';
import { markOf, type OpusStream, packetIntervalMs } from './opus-stream.ts';
import type { RtpCaller } from './rtp-caller.ts';

export interface Speaker {
  readonly caller: Pick<RtpCaller, 'send' | 'close'>;
  readonly stream: Pick<OpusStream, 'next'>;
}

export interface Utterance {
  /** Packets that the listener who lost most of its start did not get. */
  readonly lostPackets: number;
  readonly listeners: number;
  /** From the sending of its first packet to the first that the last listener got. */
  readonly heardAfterMs: number;
}

export interface Utterances {
  /** Of somebody who did not have the floor. */
  readonly first: readonly Utterance[];
  /** The control: the same person again, who has the floor by then. What is lost or late here is not for the floor to mend. */
  readonly again: readonly Utterance[];
  /** How often this process was more than one packet late: a sender with a clock of its own would not have been. */
  readonly lateTicks: number;
}

/** What each listener heard of the start of each utterance, by the marks of packets. */
export class Onsets {
  #isOpen = false;
  readonly #saidAtMs = new Map<number, number>();
  readonly #heard = new Map<number, { lostPackets: number; atMs: number; readonly listeners: Set<number> }>();

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#heard.clear();
    this.#saidAtMs.clear();
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Its first packet is sent now. */
  begin(utterance: number): void {
    this.#saidAtMs.set(utterance, performance.now());
  }

  /** `listener` is a number of its own. */
  receive(listener: number, packet: Buffer): void {
    const mark = markOf(packet);
    const utterance = mark >>> 8;
    if (utterance === 0) return;
    const heard = this.#heard.get(utterance) ?? { lostPackets: 0, atMs: 0, listeners: new Set<number>() };
    this.#heard.set(utterance, heard);
    if (heard.listeners.has(listener)) return;
    heard.listeners.add(listener);
    heard.atMs = performance.now();
    heard.lostPackets = Math.max(heard.lostPackets, mark & 0xff);
  }

  of(utterance: number): Utterance {
    const heard = this.#heard.get(utterance);
    return {
      lostPackets: heard?.lostPackets ?? packetsOfOne,
      listeners: heard?.listeners.size ?? 0,
      heardAfterMs: (heard?.atMs ?? Number.POSITIVE_INFINITY) - (this.#saidAtMs.get(utterance) ?? 0),
    };
  }

  static mark(utterance: number, packet: number): number {
    return (utterance << 8) | packet;
  }
}

/** Something of 300 ms, and a breath after it. */
const packetsOfOne = 15;
const packetsOfBreath = 8;

/**
 * Lets one speaker after the other say something, twice; all others send noise meanwhile. No sender's packets follow each
 * other faster than they are spoken, however late this process is: nobody could be given the floor within a burst.
 */
export async function utter(
  speakers: readonly Speaker[],
  onsets: Onsets,
  { utterances, noiseDbov }: { utterances: number; noiseDbov: number },
): Promise<Utterances> {
  onsets.open();
  const ticks = 2 * utterances * (packetsOfOne + packetsOfBreath);
  let lateTicks = 0;
  let dueMs = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    await sleep(Math.max(0, dueMs - performance.now()));
    const lateMs = performance.now() - dueMs;
    if (lateMs > packetIntervalMs) lateTicks += 1;
    dueMs += packetIntervalMs + (lateMs > packetIntervalMs / 2 ? lateMs : 0);
    const utterance = 1 + Math.floor(tick / (packetsOfOne + packetsOfBreath));
    const said = tick % (packetsOfOne + packetsOfBreath);
    if (said === 0) onsets.begin(utterance);
    // A step that is prime to most numbers of speakers: neighbours do not follow each other.
    const speaking = said < packetsOfOne ? (Math.ceil(utterance / 2) * 7) % speakers.length : undefined;
    for (const [at, { caller, stream }] of speakers.entries()) {
      caller.send(stream.next(at === speaking ? { mark: Onsets.mark(utterance, said) } : { levelDbov: noiseDbov }));
    }
  }
  await sleep(200);
  onsets.close();
  const each = (from: number) => Array.from({ length: utterances }, (_, at) => onsets.of(2 * at + from));
  return { first: each(1), again: each(2), lateTicks };
}
