// What the script `beat` answers.

import type { Life, NodeInfo } from '../directory.ts';
import { StoreError } from '../room-log.ts';
import type { Reply } from './redis-connection.ts';

export interface BeatAnswer {
  /** The data set, and how often this life has beaten in it. */
  readonly id: string;
  readonly beat: number;
  /** By Redis' clock. */
  readonly nowMs: number;
  /** It was emptied, or is an older copy. */
  readonly reset: boolean;
  readonly lives: readonly Lease[];
  /** Those that were buried not long ago; at the first beat of a life, those of a day. At most 1,000, the last ones first. */
  readonly dead: readonly Life[];
  /** Of these nobody has finished to clear away what they had. */
  readonly unswept: readonly Life[];
}

export interface Lease {
  readonly life: Life;
  /** When it runs out, as Redis writes it. */
  readonly expires: string;
  /** JSON. */
  readonly info: string;
}

/** `buried`: others took this life for dead. `full`: there are as many nodes as there may be. @throws {StoreError} corrupt */
export function readBeat(reply: Reply): BeatAnswer | 'buried' | 'full' {
  const [status, id, beat, nowMs, reset, lives, dead, unswept] = list(reply);
  if (status === 'BURIED') return 'buried';
  if (status === 'FULL') return 'full';
  const fields = list(lives).map(String);
  const leases: Lease[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [life = '', expires = '', info = ''] = fields.slice(at, at + 3);
    leases.push({ life, expires, info });
  }
  return {
    id: String(id),
    beat: Number(beat),
    nowMs: Number(nowMs),
    reset: reset === 1,
    lives: leases,
    dead: list(dead).map(String),
    unswept: list(unswept).map(String),
  };
}

function list(reply: Reply | undefined): readonly Reply[] {
  if (Array.isArray(reply)) return reply as readonly Reply[];
  throw new StoreError('corrupt', 'Redis answered something else than a beat.');
}

const unknownNode: NodeInfo = {
  name: '',
  region: '',
  publicUrl: '',
  rpcAddress: '',
  pipeAddress: '',
  version: '',
  ready: false,
  draining: false,
  cores: 1,
  load: 0,
  promised: 0,
  rooms: 0,
  peers: 0,
};

/** What a node of another version does not say is as nothing is known. Undefined for what no node has written. */
export function readInfo(text: string): NodeInfo | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...unknownNode, ...value } : undefined;
  } catch {
    return undefined;
  }
}
