import type { Clock } from '../../core/clock.ts';
import { formatEndpoint } from '../agent/transports/endpoint.ts';
import type { Flow } from '../agent/transports/flow.ts';
import type { MessageTap } from '../agent/transports/transports.ts';
import { redact } from './redact.ts';

/** One message of a call, as it came or left, without its secrets. */
export interface KeptMessage {
  readonly atMs: number;
  readonly direction: 'in' | 'out';
  readonly protocol: string;
  readonly local: string;
  readonly remote: string;
  /** Sent or received before, byte by byte. */
  readonly again: boolean;
  readonly text: string;
}

export interface KeptCall {
  readonly callId: string;
  /** Messages that were thrown away since there were too many. */
  readonly lost: number;
  readonly messages: readonly KeptMessage[];
}

export interface LadderLimits {
  readonly calls: number;
  readonly messagesPerCall: number;
  /** Of all calls together. */
  readonly bytes: number;
}

export const ladderLimits: LadderLimits = { calls: 2_000, messagesPerCall: 256, bytes: 67_108_864 };

export interface LadderStats {
  readonly calls: number;
  readonly bytes: number;
  /** Messages that went to make room. */
  readonly lost: number;
}

interface Call {
  readonly messages: KeptMessage[];
  bytes: number;
  lost: number;
}

/** What a message costs besides its text, about. */
const overheadBytes = 200;

/**
 * The messages of the newest calls, so that a call that went wrong can be looked at after it did. Of a call the oldest messages go
 * first, but for the one that began it; of calls the one that was quiet for longest.
 */
export class Ladders implements MessageTap {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #limits: LadderLimits;
  readonly #calls = new Map<string, Call>();
  #bytes = 0;
  #lost = 0;

  constructor(clock: Pick<Clock, 'nowMs'>, limits: LadderLimits = ladderLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  received(bytes: Uint8Array, flow: Flow): void {
    this.#keep(bytes, flow, 'in');
  }

  sent(bytes: Uint8Array, flow: Flow): void {
    this.#keep(bytes, flow, 'out');
  }

  find(callId: string): KeptCall | undefined {
    const call = this.#calls.get(callId);
    return call && { callId, lost: call.lost, messages: [...call.messages] };
  }

  /** The newest first. */
  newest(most: number): readonly KeptCall[] {
    const ids = [...this.#calls.keys()].reverse().slice(0, most);
    return ids.map((id) => this.find(id)).filter((call) => call !== undefined);
  }

  get stats(): LadderStats {
    return { calls: this.#calls.size, bytes: this.#bytes, lost: this.#lost };
  }

  #keep(bytes: Uint8Array, flow: Flow, direction: 'in' | 'out'): void {
    const callId = callIdOf(bytes);
    if (callId === undefined) return;
    const text = redact(bytes);
    const known = this.#calls.get(callId);
    const call = known ?? { messages: [], bytes: 0, lost: 0 };
    const remote = formatEndpoint(flow.remote);
    const again = call.messages.some(
      (one) => one.direction === direction && one.remote === remote && one.text === text,
    );
    const { local, transport: protocol } = flow;
    const atMs = this.#clock.nowMs();
    call.messages.push({ atMs, direction, protocol, local: formatEndpoint(local), remote, again, text });
    this.#add(call, text.length + overheadBytes);
    if (call.messages.length > this.#limits.messagesPerCall) this.#dropFrom(call);
    // At the end of the order: the first is the one that was quiet for longest.
    if (known !== undefined) this.#calls.delete(callId);
    this.#calls.set(callId, call);
    while (this.#calls.size > this.#limits.calls || this.#bytes > this.#limits.bytes) {
      if (!this.#dropOldest(callId)) break;
    }
  }

  /** The message that began the call says most. */
  #dropFrom(call: Call): void {
    const [gone] = call.messages.splice(Math.min(1, call.messages.length - 1), 1);
    if (gone === undefined) return;
    call.lost += 1;
    this.#lost += 1;
    this.#add(call, -(gone.text.length + overheadBytes));
  }

  /** False when the newest call is all there is, and has one message. */
  #dropOldest(newest: string): boolean {
    const [oldest] = this.#calls.keys();
    const call = oldest === undefined ? undefined : this.#calls.get(oldest);
    if (oldest === undefined || call === undefined) return false;
    if (oldest !== newest) {
      this.#calls.delete(oldest);
      this.#bytes -= call.bytes;
      this.#lost += call.messages.length;
      return true;
    }
    if (call.messages.length < 2) return false;
    this.#dropFrom(call);
    return true;
  }

  #add(call: Call, bytes: number): void {
    call.bytes += bytes;
    this.#bytes += bytes;
  }
}

/** Of a head of any peer, in its long or its compact form; undefined for what is no message. */
function callIdOf(bytes: Uint8Array): string | undefined {
  if (bytes.length < 32) return undefined;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 8_192)).toString('latin1');
  const end = head.indexOf('\r\n\r\n');
  const [, id] =
    /\r\n(?:call-id|i)[ \t]*:[ \t]*([^\r\n]{1,256}?)[ \t]*\r\n/i.exec(end < 0 ? head : head.slice(0, end + 2)) ?? [];
  return id;
}
