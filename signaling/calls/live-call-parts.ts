import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Defer } from '../defer.ts';
import type { BrowserPresence } from './browser-presence.ts';
import type { TellCall } from './call-news.ts';
import type { CallRecords } from './call-records.ts';
import type { Leg } from './leg.ts';
import type { LiveCall } from './live-call.ts';
import type { Telephony } from './telephony.ts';

export interface LiveCallParts {
  readonly id: string;
  readonly room: RoomId;
  /** The room is the call's own: it is over when nobody is left to speak to. */
  readonly ownsRoom: boolean;
  /** The identity that pays for it and may end it for all. */
  readonly startedBy: string;
  readonly subject: string;
  readonly video: boolean;
  readonly clientId: string;
  readonly ringMs: number;
  readonly telephony: () => Telephony;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly records: CallRecords;
  readonly tell: TellCall;
  /** On any node. */
  readonly browsersOf: (identity: string) => Promise<BrowserPresence>;
  /** So long it may be until whoever comes to another node is known here. */
  readonly knownWithinMs: number;
  /** Everybody in the room, as far as it is known here. */
  readonly roomSize: () => number | undefined;
  /** Further calls of this node that are held in the room. */
  readonly othersInRoom: () => readonly LiveCall[];
  /** Takes a browser out of the room. */
  readonly takeOut: (leg: Leg, peerId: string) => void;
  readonly onLegAdded: (leg: Leg) => void;
  readonly onLegOver: (leg: Leg) => void;
  readonly onEnded: () => void;
}
