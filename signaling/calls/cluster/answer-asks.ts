// What this node answers others that ask it about calls.

import type { Life } from '../../../cluster/directory.ts';
import type { CallInfo } from '../../../proto/gen/types.ts';
import { withGrants } from '../../grants.ts';
import type { BrowserPresence } from '../browser-presence.ts';
import type { CallMethods, RequestOf } from '../call-methods.ts';
import type { CallPresence } from '../call-presence.ts';
import type { CallRegistry } from '../call-registry.ts';
import type { Caller } from '../caller.ts';
import type { LocalLegs } from '../leg-news.ts';
import type { Transfers } from '../transfers.ts';
import type { CallerElsewhere } from './call-asks.ts';
import type { ClusterLegs } from './cluster-legs.ts';
import type { ForkedTelephony } from './forked-telephony.ts';
import type { HandOver } from './hand-over.ts';
import type { NodeAsks } from './node-asks.ts';
import { RemotePhone } from './remote-phone.ts';
import type { RingsForOthers } from './rings-for-others.ts';

/** What there is of calls on this node. */
export interface CallsHere {
  readonly registry: CallRegistry;
  readonly presence: CallPresence;
  readonly methods: CallMethods;
  readonly transfers: Transfers;
  readonly legs: LocalLegs;
  /** Writes the ends of what a dead node left behind; resolves when it was tried. */
  readonly settle: (dead: Life) => Promise<void>;
}

interface AnswerParts {
  readonly here: CallsHere;
  readonly legs: ClusterLegs;
  readonly handOver: HandOver;
  readonly asks: NodeAsks;
  readonly rings: RingsForOthers;
  readonly telephony: ForkedTelephony;
}

/** The sessions of this node. */
export interface AtNode {
  /** Of somebody who has one; empty: nobody. */
  readonly nameHere: (identity: string) => string;
  readonly presenceHere: (identity: string) => BrowserPresence;
  /** Takes a browser out of a room. */
  readonly takeOut: (room: string, peerId: string) => void;
}

/** What an answer of calls may come to, as JSON; of one call it is half of that at most. */
const maxAnswerBytes = 60_000;

/** Of calls that live here, and of phones and people of calls that live elsewhere. */
export function answerAsks({ here, legs, handOver, asks, rings, telephony }: AnswerParts, at: AtNode): void {
  const { registry, presence, methods, legs: local } = here;
  asks.serve({
    carryOut: ({ method, request, caller }, from) =>
      (methods[method] as CallMethods['end'])(request as RequestOf<'end'>, toCaller(caller, from)),
    nameOf: ({ identity }) => at.nameHere(identity),
    browsersOf: ({ identity }) => at.presenceHere(identity),
    current: ({ identity }) => fitting(registry.current(identity)),
    handOver: (content, from) => handOver.give(content, from),
    answered: ({ of, phone }, from) => telephony.answered(from, of, phone),
    async joined({ of, peerId }, from) {
      await local.joined(of, peerId, new RemotePhone(asks, from, of), from);
      return undefined;
    },
    ring: ({ user, request }, from) => rings.ring(from, user, request),
    stopRinging: ({ of, reason }) => rings.stop(of, reason),
    rings: ({ of }) => telephony.rings(of),
    ringFailed: ({ of, reason }, from) => telephony.failedAt(from, of, reason),
    state: ({ of, state }) => local.changed(of, state),
    quality: ({ of, quality }) => local.reported(of, quality),
    pressed: ({ of, press }) => local.pressed(of, press),
    left: ({ of, reason }) => local.left(of, reason),
    transfer: ({ of, to }, from) =>
      legs.transfer(of, to, {
        ringing: () => asks.tell(from, 'transferTold', { of, news: { ringing: true } }),
        done: () => asks.tell(from, 'transferTold', { of, news: { done: true } }),
        failed: (failed) => asks.tell(from, 'transferTold', { of, news: { failed } }),
      }),
    transferTold: ({ of, news }) => legs.transferTold(of, news),
    wish: ({ of, wish }, from) => legs.wished(from, of, wish),
    browser({ room, peerId, identity, sessionId, left }, from) {
      if (left === undefined)
        presence.peerJoined(room, { id: peerId, identity, kind: 'client' }, { sessionId, life: from });
      else presence.peerLeft(room, peerId, left);
    },
    takeOut: ({ room, peerId }) => at.takeOut(room, peerId),
  });
}

/** Those that fit into an answer. */
function fitting(calls: readonly CallInfo[]): CallInfo[] {
  let bytes = 0;
  return calls.filter((call) => {
    bytes += Buffer.byteLength(JSON.stringify(call));
    return bytes <= maxAnswerBytes;
  });
}

/** Grants in one room count for nothing in a call of another. */
function toCaller({ room, grants, peerId, ...caller }: CallerElsewhere, life: Life): Caller {
  const granted = withGrants(new Set(), grants);
  const none = withGrants(new Set(), []);
  return {
    ...caller,
    life,
    grantsIn: (one) => (one === room ? granted : none),
    peerIn: (one) => (one === room ? peerId : undefined),
  };
}
