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
}

/** What each listener heard of the start of each utterance, by the marks of packets. */
export class Onsets {
  #isOpen = false;
  readonly #heard = new Map<number, { lostPackets: number; readonly listeners: Set<number> }>();

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(): void {
    this.#heard.clear();
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
  }

  /** `listener` is a number of its own. */
  receive(listener: number, packet: Buffer): void {
    const mark = markOf(packet);
    const utterance = mark >>> 8;
    if (utterance === 0) return;
    const heard = this.#heard.get(utterance) ?? { lostPackets: 0, listeners: new Set<number>() };
    this.#heard.set(utterance, heard);
    if (heard.listeners.has(listener)) return;
    heard.listeners.add(listener);
    heard.lostPackets = Math.max(heard.lostPackets, mark & 0xff);
  }

  of(utterance: number): Utterance {
    const heard = this.#heard.get(utterance);
    return { lostPackets: heard?.lostPackets ?? packetsOfOne, listeners: heard?.listeners.size ?? 0 };
  }

  static mark(utterance: number, packet: number): number {
    return (utterance << 8) | packet;
  }
}

/** Something of 300 ms, and a breath after it. */
const packetsOfOne = 15;
const packetsOfBreath = 8;

/** Lets one speaker after the other say something; all others send noise meanwhile. */
export async function utter(
  speakers: readonly Speaker[],
  onsets: Onsets,
  { utterances, noiseDbov }: { utterances: number; noiseDbov: number },
): Promise<Utterance[]> {
  onsets.open();
  const ticks = utterances * (packetsOfOne + packetsOfBreath);
  const startedMs = performance.now();
  for (let tick = 0; tick < ticks; tick++) {
    await sleep(Math.max(0, startedMs + tick * packetIntervalMs - performance.now()));
    const utterance = 1 + Math.floor(tick / (packetsOfOne + packetsOfBreath));
    const said = tick % (packetsOfOne + packetsOfBreath);
    // A step that is prime to most numbers of speakers: neighbours do not follow each other.
    const speaking = said < packetsOfOne ? (utterance * 7) % speakers.length : undefined;
    for (const [at, { caller, stream }] of speakers.entries()) {
      caller.send(stream.next(at === speaking ? { mark: Onsets.mark(utterance, said) } : { levelDbov: noiseDbov }));
    }
  }
  await sleep(200);
  onsets.close();
  return Array.from({ length: utterances }, (_, at) => onsets.of(at + 1));
}
