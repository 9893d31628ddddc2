// Calls over several nodes: each lives on the node where it was started, which is asked for everything; its people and phones are
// anywhere.

import type { Directory, Life } from '../../../cluster/directory.ts';
import type { NodeCalls } from '../../../cluster/node-calls.ts';
import type { Clock } from '../../../core/clock.ts';
import { type AppError, toAppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { CallTold } from '../../../proto/gen/node-types.ts';
import type { CallInfo } from '../../../proto/gen/types.ts';
import type { TellUsers } from '../../cluster/user-messages.ts';
import type { LeaveReason, Peer } from '../../peer.ts';
import type { TransferHandlers } from '../../phones/phone-desk.ts';
import type { Room } from '../../room.ts';
import { type BrowserPresence, bestPresence } from '../browser-presence.ts';
import type { CallsElsewhere } from '../call-desk.ts';
import type { CallMethod, RequestOf } from '../call-methods.ts';
import type { TellCall } from '../call-news.ts';
import type { CallRecords } from '../call-records.ts';
import type { LegOfCall } from '../call-registry.ts';
import type { Caller } from '../caller.ts';
import type { LegName } from '../leg.ts';
import { callsAtKey } from '../party-grants.ts';
import type { RingTarget } from '../ring-target.ts';
import type { Telephony } from '../telephony.ts';
import { type AtNode, answerAsks, type CallsHere } from './answer-asks.ts';
import { ClusterLegs } from './cluster-legs.ts';
import { ForkedTelephony } from './forked-telephony.ts';
import { HandOver } from './hand-over.ts';
import { type KnownCall, KnownCalls } from './known-calls.ts';
import { NodeAsks } from './node-asks.ts';
import { RingsForOthers } from './rings-for-others.ts';
import { whenListed } from './when-listed.ts';

interface CallClusterParts extends AtNode {
  readonly directory: Directory;
  readonly nodeCalls: Pick<NodeCalls, 'call' | 'serve'>;
  /** The phones of this node. */
  readonly telephony: Telephony;
  /** The sessions of this node. */
  readonly tellHere: TellCall;
  readonly isHere: (sessionId: string) => boolean;
  /** Where it is, of this node. */
  readonly roomsOf: (caller: Caller) => readonly Pick<Room, 'name' | 'timeline'>[];
  /** Sessions of other nodes. */
  readonly tellUsers: TellUsers;
  readonly records: Pick<CallRecords, 'listed'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A node that has calls in a room. */
interface CallPlace {
  readonly life: Life;
  readonly room: string;
}

/** So long others find a call here that nobody says has ended. */
const callsUntilMs = 7 * 86_400_000;

export class CallCluster implements CallsElsewhere {
  readonly telephony: ForkedTelephony;
  readonly #parts: CallClusterParts;
  readonly #known = new KnownCalls();
  readonly #asks: NodeAsks;
  readonly #rings: RingsForOthers;
  readonly #ends: (() => void)[] = [];
  #legs: ClusterLegs | undefined;
  #handOver: HandOver | undefined;

  constructor(parts: CallClusterParts) {
    const { directory, nodeCalls, telephony, clock, log } = parts;
    this.#parts = parts;
    this.#asks = new NodeAsks({ calls: nodeCalls, clock, log });
    this.#rings = new RingsForOthers({ telephony, asks: this.#asks, known: this.#known, clock });
    this.telephony = new ForkedTelephony({
      here: telephony,
      asks: this.#asks,
      phones: directory.phones,
      life: () => directory.nodes.life,
      log,
    });
  }

  /** From now on the others are answered. */
  serve(here: CallsHere): ClusterLegs {
    const { registry } = here;
    const legs: ClusterLegs = new ClusterLegs({
      transferHere: (of, to, told) => this.#transfer(here, of, to, told),
      local: here.legs,
      isLocal: (callId) => registry.find(callId) !== undefined,
      known: this.#known,
      asks: this.#asks,
      clock: this.#parts.clock,
    });
    this.#legs = legs;
    this.#handOver = new HandOver({
      ...here,
      legs,
      asks: this.#asks,
      life: () => this.#parts.directory.nodes.life,
    });
    const { telephony } = this;
    answerAsks({ here, legs, handOver: this.#handOver, asks: this.#asks, rings: this.#rings, telephony }, this.#parts);
    const { events } = this.#parts.directory.nodes;
    this.#ends.push(
      events.on('died', ({ life }) => this.#died(life, here)),
      // Others took this node for dead, and its calls for over.
      events.on('reborn', () => registry.endAll('node-lost')),
    );
    return legs;
  }

  readonly tell: TellCall = (identity, news, listeners = {}) => {
    const { tellHere, isHere, tellUsers, records, clock } = this.#parts;
    tellHere(identity, news, listeners);
    const { only } = listeners;
    if (only !== undefined && isHere(only)) return;
    const tellElsewhere = () => tellUsers([identity], { call: { ...news, ...listeners } });
    if (news.ended?.call.state !== 'ended') tellElsewhere();
    // Nothing of it is written before this turn is over.
    else
      void whenListed(
        Promise.resolve().then(() => records.listed(identity)),
        clock,
      ).then(tellElsewhere);
  };

  /** What another node tells sessions of this one. */
  heard(from: Life, identity: string, { only, except, ...news }: CallTold): void {
    const call = (news.incoming ?? news.changed ?? news.ended)?.call;
    if (call !== undefined) this.#known.heard(from, call.callId, { call, identity });
    if (call !== undefined && news.ended !== undefined) this.#known.left(call.callId, identity);
    this.#parts.tellHere(identity, news, { only, except });
  }

  /** `here`: at this node. */
  async browsersOf(identity: string, here: BrowserPresence): Promise<BrowserPresence> {
    // A node that does not answer may do so in a moment.
    const ask = (life: Life) => this.#asks.ask(life, 'browsersOf', { identity }).catch(() => 'away' as const);
    return bestPresence([here, ...(await Promise.all((await this.#livesWith(identity)).map(ask)))]);
  }

  /** Of somebody who has sessions on other nodes; empty: nobody says. Never rejects. */
  async nameOf(identity: string): Promise<string> {
    const [life] = await this.#livesWith(identity).catch(() => []);
    if (life === undefined) return '';
    return await this.#asks.ask(life, 'nameOf', { identity }).catch(() => '');
  }

  /** Others look for calls of somebody here, or need not any more. */
  publish(identity: string, hasCalls: boolean): void {
    const { directory, clock } = this.#parts;
    directory.calls.publish(identity, hasCalls ? [{ untilMs: clock.nowMs() + callsUntilMs }] : []);
  }

  /** A browser of this node came into a room, or left it: calls of other nodes may be held there. */
  browser({ room, id: peerId, identity }: Peer, sessionId: string, left?: LeaveReason): void {
    const { facts } = room.timeline;
    for (const life of this.#parts.directory.nodes.others.keys()) {
      if (!facts.has(callsAtKey(life))) continue;
      this.#asks.tell(life, 'browser', { room: room.name, peerId, identity, sessionId, ...(left && { left }) });
    }
  }

  takeOut(life: Life, room: string, peerId: string): void {
    this.#asks.tell(life, 'takeOut', { room, peerId });
  }

  async current(identity: string): Promise<readonly CallInfo[]> {
    const { directory } = this.#parts;
    const places = await directory.calls.whereAre([identity]).catch(() => new Map<string, readonly Life[]>());
    const lives = (places.get(identity) ?? []).filter((life) => life !== directory.nodes.life);
    const found = await Promise.all(
      lives.map(async (life) => {
        const calls = await this.#asks.ask(life, 'current', { identity }).catch(() => []);
        for (const call of calls) this.#known.heard(life, call.callId, { call, identity });
        return calls;
      }),
    );
    return found.flat();
  }

  async carryOut<Name extends CallMethod>(method: Name, request: RequestOf<Name>, caller: Caller) {
    const { callId } = request;
    if (this.#known.roomOf(callId) === undefined) await this.current(caller.identity);
    const life = this.#known.lifeOf(callId);
    const room = this.#known.roomOf(callId);
    const places = room === undefined ? this.#placesModeratedBy(caller) : [];
    if (life !== undefined) places.push({ life, room: room ?? '' });
    let failure: AppError | undefined;
    for (const place of places) {
      try {
        return { call: await this.#carryOutAt(place, method, request, caller) };
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.reason === 'CALL_OVER') this.#known.forget(callId);
        // One of the others may have it.
        if (error.reason !== 'CALL_NOT_FOUND') failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  async takeOver(one: LegOfCall, callId: string, identity: string): Promise<boolean> {
    if (this.#known.roomOf(callId) === undefined) await this.current(identity);
    const life = this.#known.lifeOf(callId);
    if (life === undefined) return false;
    await this.#handOver?.take(one, life, callId, { identity });
    return true;
  }

  close(): void {
    for (const end of this.#ends) end();
    this.#rings.close();
    this.#legs?.close();
  }

  async #carryOutAt<Name extends CallMethod>(
    { life, room }: CallPlace,
    method: Name,
    request: RequestOf<Name>,
    { sessionId, identity, name, grantsIn, peerIn }: Caller,
  ) {
    const caller = { sessionId, identity, name, room, grants: [...grantsIn(room)], peerId: peerIn(room) };
    return await this.#asks.ask(life, 'carryOut', { method, request, caller });
  }

  /** Of calls in rooms of others nobody is told here who has no leg in them; a moderator who is there may end them. */
  #placesModeratedBy(caller: Caller): CallPlace[] {
    const { roomsOf, directory } = this.#parts;
    const lives = [...directory.nodes.others.keys()];
    return roomsOf(caller).flatMap(({ name: room, timeline: { facts } }) =>
      caller.grantsIn(room).has('moderate')
        ? lives.filter((life) => facts.has(callsAtKey(life))).map((life) => ({ life, room }))
        : [],
    );
  }

  async #livesWith(identity: string): Promise<Life[]> {
    const { users, nodes } = this.#parts.directory;
    const lives = (await users.whereAre([identity])).get(identity) ?? [];
    return lives.filter((life) => life !== nodes.life);
  }

  /** A phone's call may be here and that of the other phone elsewhere. */
  #transfer({ registry, legs }: CallsHere, of: LegName, to: RingTarget | LegName, told: TransferHandlers): void {
    const life = 'callId' in to && registry.find(to.callId) === undefined ? this.#known.lifeOf(to.callId) : undefined;
    const one = registry.findLeg(of);
    if (life === undefined || one === undefined || !('callId' in to)) {
      legs.transfer(of, to, told);
      return;
    }
    this.#handOver?.take(one, life, to.callId, { legId: to.legId }).then(
      () => told.done(),
      (thrown: unknown) => told.failed(toAppError(thrown).reason),
    );
  }

  #died(life: Life, { presence, settle }: CallsHere): void {
    this.#asks.died(life);
    this.#rings.died(life);
    this.telephony.died(life);
    this.#legs?.died(life);
    presence.nodeDied(life);
    const gone = this.#known.takeOf(life).filter(({ call }) => call !== undefined);
    const { clock } = this.#parts;
    const endedAtMs = clock.nowMs();
    if (gone.length > 0) void whenListed(settle(life), clock).then(() => this.#tellGone(gone, endedAtMs));
  }

  #tellGone(gone: readonly KnownCall[], endedAtMs: number): void {
    for (const { call, identities } of gone) {
      if (call === undefined) continue;
      const ended = {
        call: { ...call, state: 'ended', endReason: 'node-lost', endedAtMs } as const,
        reason: 'node-lost',
      };
      for (const identity of identities) this.#parts.tellHere(identity, { ended });
    }
  }
}
