// Frames of the bus: encoded, read, and what is not for us or not to be believed dropped.

import type { Life } from '../../cluster/directory.ts';
import type { BusFrame } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from '../../proto/node-messages.ts';

/** Frames of another version are dropped: nodes of both run side by side only where they can. */
const frameVersion = 1;
/** A larger one is not looked into. */
const maxFrameBytes = 256 * 1024;
/** Lives that are known to be over; of more, the one that ended longest ago may speak again. */
const maxDead = 1_000;

const kinds = ['part', 'ask', 'change', 'digest', 'ephemeral', 'toUsers', 'control', 'digests'] as const;

export type FrameContent = Omit<BusFrame, 'version' | 'cluster' | 'from'>;
export type FrameKind = (typeof kinds)[number];
export type DropReason = 'large' | 'garbled' | 'version' | 'cluster' | 'dead' | 'empty';

export interface HeardFrame {
  readonly from: Life;
  readonly room: string;
  readonly content: FrameContent;
}

export class Frames {
  readonly #cluster: string;
  readonly #dead = new Set<Life>();
  /** Frames that were dropped, since the start. */
  readonly dropped: Record<DropReason, number> = { large: 0, garbled: 0, version: 0, cluster: 0, dead: 0, empty: 0 };

  /** Of those that ended before this node began. Set by whoever knows them. */
  wasDead: (life: Life) => boolean = () => false;

  readonly sent = noFrames();
  readonly heard = noFrames();

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  write(from: Life, content: FrameContent): Uint8Array {
    const [kind] = kindsOf(content);
    if (kind !== undefined) this.sent[kind] += 1;
    return encodeNodeMessage('BusFrame', { version: frameVersion, cluster: this.#cluster, from, ...content });
  }

  /** Undefined: it is dropped. */
  read(bytes: Uint8Array): HeardFrame | undefined {
    const frame = this.#decode(bytes);
    if (typeof frame === 'string') {
      this.dropped[frame] += 1;
      return undefined;
    }
    const { version: _version, cluster: _cluster, from, ...content } = frame;
    const [kind] = kindsOf(content);
    if (kind !== undefined) this.heard[kind] += 1;
    const { part, ask, change, digest, ephemeral, control } = content;
    const room = (part ?? ask ?? change ?? digest ?? ephemeral ?? control)?.room ?? '';
    return { from, room, content };
  }

  /** It says nothing any more that is believed. */
  died(life: Life): void {
    this.#dead.add(life);
    const [oldest] = this.#dead;
    if (this.#dead.size > maxDead && oldest !== undefined) this.#dead.delete(oldest);
  }

  isDead(life: Life): boolean {
    return this.#dead.has(life) || this.wasDead(life);
  }

  #decode(bytes: Uint8Array): BusFrame | DropReason {
    if (bytes.length > maxFrameBytes) return 'large';
    let frame: BusFrame;
    try {
      frame = readNodeMessage('BusFrame', bytes);
    } catch {
      return 'garbled';
    }
    if (frame.version !== frameVersion) return 'version';
    if (frame.cluster !== this.#cluster) return 'cluster';
    if (this.isDead(frame.from)) return 'dead';
    return kindsOf(frame).length === 1 ? frame : 'empty';
  }
}

const kindsOf = (content: FrameContent): FrameKind[] => kinds.filter((kind) => content[kind] !== undefined);

const noFrames = () => Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<FrameKind, number>;
