// Puts calls together: those of this node, those of others, and the phones in rooms.

import type { Clock } from '../../core/clock.ts';
import { createSecret, type PeerId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { ClusterParts } from '../cluster/cluster-context.ts';
import type { TellUsers } from '../cluster/user-messages.ts';
import type { Defer } from '../defer.ts';
import { requireGrant } from '../grants.ts';
import type { Timelines } from '../log/timelines.ts';
import type { Member } from '../member.ts';
import { type LeaveReason, Peer } from '../peer.ts';
import { requireRoomForPeople } from '../people/entry-rules.ts';
import type { People } from '../people/people.ts';
import { PhoneMembers } from '../phones/phone-members.ts';
import type { Room } from '../room.ts';
import type { MemberListener, Rooms } from '../rooms.ts';
import { Session } from '../session.ts';
import type { Sessions } from '../sessions.ts';
import { AbandonedCalls } from './abandoned-calls.ts';
import type { CallDesk } from './call-desk.ts';
import { type CallOptions, defaultCallOptions } from './call-limits.ts';
import { createCallMethods } from './call-methods.ts';
import { CallPresence } from './call-presence.ts';
import { CallRecords } from './call-records.ts';
import { CallRegistry } from './call-registry.ts';
import { Calls } from './calls.ts';
import { CallCluster } from './cluster/call-cluster.ts';
import { Invitations } from './invitations.ts';
import { LocalLegs } from './leg-news.ts';
import { grantsInCall } from './party-grants.ts';
import { noTelephony, type Telephony } from './telephony.ts';
import { tellCallHere } from './tell-call.ts';
import { Transfers } from './transfers.ts';

interface CreateCallsParts {
  readonly timelines: Timelines;
  readonly people: People;
  readonly rooms: Rooms;
  readonly sessions: Sessions;
  /** People on other nodes; undefined: there are none. */
  readonly tellUsers: TellUsers | undefined;
  readonly cluster: ClusterParts | undefined;
  /** None by default. */
  readonly telephony: Telephony | undefined;
  readonly options: CallOptions | undefined;
  /** @throws {AppError} SERVER_DRAINING */
  readonly requireOpen: () => void;
  /** No call goes on, or no phone is in a room, any more. */
  readonly onEmpty: () => void;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
}

/** To be told of everybody who comes into a room and goes. */
interface CallParts extends MemberListener {
  readonly registry: CallRegistry;
  readonly presence: CallPresence;
  readonly calls: Calls;
  readonly phones: PhoneMembers;
  readonly desk: CallDesk;
  readonly invitations: Invitations;
  readonly cluster: CallCluster | undefined;
  close(): void;
}

/** What nodes say of who has come to them. */
const knownWithinMs = 500;

export function createCalls(parts: CreateCallsParts): CallParts {
  const { timelines, people, rooms, sessions, requireOpen, onEmpty, clock, defer, log } = parts;
  const { telephony = noTelephony, options = defaultCallOptions } = parts;
  const { nodes } = parts.cluster?.directory ?? {};
  // Calls of a process by itself are known by it, too.
  const ownLife = `~${createSecret()}`;
  const life = () => nodes?.life ?? ownLife;
  const records = new CallRecords({ timelines, life, clock, log });
  const tellHere = tellCallHere((identity) => sessions.ofIdentity(identity));
  const takeOutHere = (room: string, peerId: string) => {
    const open = rooms.get(room);
    const peer = open?.locals.get(peerId as PeerId);
    if (peer !== undefined) open?.leave(peer, 'closed', 'The call is over.');
  };
  const presenceHere = (identity: string) =>
    sessions.isConnected(identity) ? 'there' : sessions.hasAny(identity) ? 'away' : 'nowhere';
  const cluster =
    parts.cluster &&
    parts.tellUsers &&
    new CallCluster({
      directory: parts.cluster.directory,
      nodeCalls: parts.cluster.calls,
      telephony,
      tellHere,
      isHere: (sessionId) => sessions.has(sessionId),
      roomsOf: ({ identity, sessionId }) =>
        [...sessions.ofIdentity(identity)]
          .filter(({ id }) => id === sessionId)
          .flatMap(({ peers }) => [...peers].map(({ room }) => room)),
      nameHere: (identity) => sessions.nameOf(identity),
      presenceHere,
      tellUsers: parts.tellUsers,
      takeOut: takeOutHere,
      records,
      clock,
      log,
    });
  const registry = new CallRegistry({
    options,
    onUser: (identity, hasCalls) => cluster?.publish(identity, hasCalls),
    onEmpty,
  });
  const presence = new CallPresence(registry);
  const calls = new Calls({
    registry,
    telephony: cluster?.telephony ?? telephony,
    records,
    tell: cluster?.tell ?? tellHere,
    knownWithinMs: cluster === undefined ? 0 : knownWithinMs,
    async browsersOf(identity) {
      const here = presenceHere(identity);
      return here === 'there' || cluster === undefined ? here : await cluster.browsersOf(identity, here);
    },
    async requireMayEnter(room, { identity, grantsIn }) {
      requireRoomForPeople(room);
      const { facts } = await timelines.open(room);
      requireGrant(grantsInCall(grantsIn(room), facts, identity), 'join');
      people.beforeJoin({ room, facts }, identity);
    },
    nameOf: (identity) => sessions.nameOf(identity),
    nameElsewhere: async (identity) => (await cluster?.nameOf(identity)) ?? '',
    roomSize: (room) => rooms.get(room)?.roster.size,
    isEncrypted: (room) => rooms.isEncrypted(room),
    takeOut(room, peerId, at) {
      if (at === undefined) takeOutHere(room, peerId);
      else cluster?.takeOut(at, room, peerId);
    },
    requireOpen,
    options,
    clock,
    defer,
    log,
  });
  const transfers = new Transfers(calls, records);
  const local = new LocalLegs(registry, transfers, records);
  const methods = createCallMethods({ registry, calls, transfers, records, elsewhere: cluster });
  const abandoned = new AbandonedCalls({ records, nodes, life, clock, log });
  const settle = (dead: string) => abandoned.settled(dead);
  const legs = cluster?.serve({ registry, presence, methods, transfers, legs: local, settle }) ?? local;
  const phones = new PhoneMembers({ rooms, legs, records, requireOpen, onEmpty, clock, log });

  return {
    registry,
    presence,
    calls,
    phones,
    desk: { registry, calls, methods, records, elsewhere: cluster, roomLog: timelines.roomLog },
    invitations: new Invitations(timelines),
    cluster,
    joined({ name }: Room, member: Member) {
      const sessionId = sessionIdOf(member);
      presence.peerJoined(name, member, { sessionId, life: member.node });
      if (sessionId !== undefined) cluster?.browser(member as Peer, sessionId);
    },
    left({ name }: Room, member: Member, reason: LeaveReason) {
      presence.peerLeft(name, member.id, reason);
      const sessionId = sessionIdOf(member);
      if (sessionId !== undefined) cluster?.browser(member as Peer, sessionId, reason);
    },
    close() {
      cluster?.close();
      abandoned.close();
      records.close();
    },
  };
}

/** Of a peer of this node that came by a session. */
function sessionIdOf(member: Member): string | undefined {
  return member instanceof Peer && member.owner instanceof Session ? member.owner.id : undefined;
}
