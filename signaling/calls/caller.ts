import type { Life } from '../../cluster/directory.ts';
import type { Grants } from '../grants.ts';

/** Whoever asks for something: a session, here or on another node. */
export interface Caller {
  readonly sessionId: string;
  readonly identity: string;
  readonly name: string;
  /** The node that it is at; undefined: this one. */
  readonly life?: Life | undefined;
  grantsIn(room: string): Grants;
  /** Its peer in that room, if it is there. */
  peerIn(room: string): string | undefined;
}
