import type { Life } from '../cluster/directory.ts';
import type { PeerId } from '../core/ids.ts';
import type { PeerInfo, PhoneInfo, ProducerInfo } from '../proto/gen/types.ts';
import type { RosterMember } from './roster.ts';

/** Anybody in a room, on this node or on another. */
export interface Member extends RosterMember {
  readonly id: PeerId;
  readonly kind: PeerInfo['kind'];
  readonly name: string;
  readonly metadata: string;
  /** Milliseconds since 1970. */
  readonly joinedAtMs: number;
  /** Its connection is lost, and may come back. */
  readonly away: boolean;
  /** It asks to speak. */
  readonly handRaised: boolean;
  /** Of a phone. */
  readonly phone: PhoneInfo | undefined;
  /** The most that it takes in an answer or event, in bytes. */
  readonly rosterBytes: number;
  /** The node that it is connected to; undefined: this one. */
  readonly node: Life | undefined;
  /** 1 at its first join, one more with each node that took it over. The higher one wins everywhere. */
  readonly generation: number;
  toInfo(producers: readonly ProducerInfo[]): PeerInfo;
}
