// The rooms of this node, among those of all nodes: enters and leaves them, hears what others say of them, and takes part
// when a node dies, when this one was taken for dead, and when what the nodes share was lost.

import type { Life } from '../../cluster/directory.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import type { CommandRequest, CommandResponse } from '../../proto/gen/node-types.ts';
import { carryOutWish } from '../raised-hands.ts';
import type { Room } from '../room.ts';
import type { RoomOptions } from '../room-options.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { ClusterCounts } from './cluster-counts.ts';
import type { ClusterLink, EnteredRoom } from './cluster-link.ts';
import { ClusterRoom } from './cluster-room.ts';
import { DigestRounds } from './digest-rounds.ts';
import type { DropReason, FrameContent, FrameKind, Frames } from './frames.ts';
import type { Standing } from './merged-members.ts';
import { maxHops, readKept } from './placement.ts';
import type { EphemeralContent } from './room-ties.ts';

/** So often it is tried to leave a room when what the nodes share cannot be reached. */
const leaveAgainMs = 5_000;

export interface ClusterStats {
  /** Rooms that this node owns. */
  readonly owned: number;
  readonly framesDropped: Readonly<Record<DropReason, number>>;
  /** By what they say; of those that were heard, this node's own among them. */
  readonly framesSent: Readonly<Record<FrameKind, number>>;
  readonly framesHeard: Readonly<Record<FrameKind, number>>;
  readonly counts: ClusterCounts;
}

export class ClusterRooms implements ClusterLink {
  readonly #context: ClusterContext;
  readonly #frames: Frames;
  /** Being entered, or open. */
  readonly #rooms = new Map<RoomId, ClusterRoom>();
  readonly #entering = new Map<RoomId, Promise<ClusterRoom>>();
  readonly #leaving = new Map<RoomId, Promise<void>>();
  readonly #unsubscribes: (() => void)[];
  readonly #digests: DigestRounds;
  /** Above all versions that this life has told of any part: one that begins anew is newer than what others remember. */
  #highestVersion = 0;
  /** Times that this node was no longer in the rooms that it had entered. */
  #upheavals = 0;
  #closed = false;
  #draining = false;

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#frames = context.frames;
    const { bus, directory, calls } = context;
    this.#frames.wasDead = (life) => directory.nodes.isDead(life);
    calls.serve({ command: (request) => this.#command(request) });
    this.#unsubscribes = [
      directory.nodes.events.on('died', ({ life }) => this.#died(life)),
      directory.nodes.events.on('reborn', ({ before }) => this.#reborn(before)),
      directory.nodes.events.on('reset', () => this.#inAgain((room) => void room.reset())),
      directory.rooms.events.on('ownerChanged', ({ room, place }) =>
        this.#rooms.get(room as RoomId)?.ownerChanged(place),
      ),
      bus.events.on('restored', () => this.#each((room) => room.restored())),
    ];
    this.#digests = new DigestRounds({ context, rooms: this.#rooms });
  }

  enter(name: RoomId, wished: RoomOptions, { evenDraining = false } = {}): Promise<EnteredRoom> {
    const known = this.#rooms.get(name);
    if (known !== undefined && !this.#entering.has(name)) {
      known.wanted();
      return Promise.resolve(known);
    }
    let entering = this.#entering.get(name);
    if (entering === undefined) {
      if (this.#draining && !evenDraining) return Promise.reject(new AppError('SERVER_DRAINING'));
      entering = this.#enter(name, wished).finally(() => this.#entering.delete(name));
      this.#entering.set(name, entering);
    }
    return entering;
  }

  async elsewhere(name: RoomId, hops: number): Promise<string | undefined> {
    if (hops >= maxHops) return undefined;
    const { directory, placement } = this.#context;
    const known = this.#rooms.get(name)?.placed;
    const policy = known ?? { ...placement.policyOf(name), owner: undefined };
    if (known !== undefined || policy.placement === 'spread') return placement.elsewhere(policy);
    const place = await directory.rooms.find(name).catch(() => undefined);
    return placement.elsewhere(place ? { ...readKept(place.options), owner: place.owner } : policy);
  }

  /** Whether a life is over, as far as is known here. */
  isDead(life: Life): boolean {
    return this.#frames.isDead(life);
  }

  /** Somebody in a room that was entered, wherever it is. */
  find(name: RoomId, peerId: string): Standing | undefined {
    return this.#rooms.get(name)?.find(peerId);
  }

  stats(): ClusterStats {
    let owned = 0;
    for (const room of this.#rooms.values()) if (room.isOwner) owned += 1;
    const { dropped, sent, heard } = this.#frames;
    return { owned, framesDropped: dropped, framesSent: sent, framesHeard: heard, counts: this.#context.counts };
  }

  /**
   * Whether this node is about to stop: who is sent away from here may be at another one in a moment, so the others are not
   * told that they left; and no further room is entered, but by phones whose calls are to go on.
   */
  setDraining(draining: boolean): void {
    this.#draining = draining;
    this.#each((room) => {
      room.draining = draining;
    });
  }

  close(): void {
    this.#closed = true;
    this.#digests.close();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    this.#each((room) => room.close());
  }

  async #enter(name: RoomId, wished: RoomOptions): Promise<ClusterRoom> {
    await this.#leaving.get(name);
    const context = this.#context;
    const room = new ClusterRoom({
      context,
      room: name,
      firstVersion: this.#highestVersion,
      publish: (content) => this.#publish(name, content),
      isDead: (life) => this.#frames.isDead(life),
      onEphemeral: carryOut,
      onOver: (over) => this.#left(over),
    });
    room.onFrame = (bytes) => {
      const frame = this.#frames.read(bytes);
      if (frame?.room === name) room.heard(frame);
    };
    room.draining = this.#draining;
    this.#rooms.set(name, room);
    const upheavals = this.#upheavals;
    try {
      await room.enter(wished);
      if (this.#upheavals !== upheavals) await room.reset();
    } catch (error) {
      this.#rooms.delete(name);
      throw error;
    }
    return room;
  }

  /** Of another node, which has seen to it that whoever wants this may. @throws {AppError} by rejection. */
  async #command({
    room,
    muteProducer,
    setLock,
    setRecording,
    stopRecording,
  }: CommandRequest): Promise<CommandResponse> {
    const known = this.#rooms.get(room as RoomId);
    const change = setLock ? { setLock } : setRecording && { setRecording };
    if (change !== undefined) {
      if (known === undefined) throw new AppError('NOT_OWNER', { room });
      await known.control.carryOut(change);
      return { result: '' };
    }
    if (stopRecording !== undefined) {
      const { recordingId } = stopRecording;
      if (known === undefined) throw new AppError('RECORDING_NOT_FOUND', { recordingId });
      return { result: JSON.stringify(known.stopRecordingHere(stopRecording)) };
    }
    if (muteProducer === undefined)
      throw new AppError('BAD_REQUEST', { field: 'command', problem: 'is not known here' });
    if (known === undefined) throw new AppError('PRODUCER_NOT_FOUND', { producerId: muteProducer.producerId });
    await known.muteHere(muteProducer);
    this.#context.log.info({ room, ...muteProducer }, 'a moderator on another node set the mute of a producer');
    return { result: '' };
  }

  /** What is lost is asked for when the bus holds again. */
  #publish(room: RoomId, content: FrameContent): void {
    const { bus, directory } = this.#context;
    bus.publish({ to: 'room', room }, this.#frames.write(directory.nodes.life, content)).catch(() => {});
  }

  /** What this node said as the life before is not to be heard by itself as another's. */
  #reborn(before: Life): void {
    this.#frames.died(before);
    this.#inAgain((room) => void room.reborn(before));
  }

  #died(life: Life): void {
    this.#frames.died(life);
    this.#each((room) => room.died(life));
  }

  #left(room: ClusterRoom): void {
    const { name, parts } = room;
    this.#highestVersion = Math.max(this.#highestVersion, parts.own.version + 1);
    if (this.#rooms.get(name) === room) this.#rooms.delete(name);
    this.#startLeaving(name);
  }

  #startLeaving(name: RoomId): void {
    const leaving: Promise<void> = this.#leave(name).finally(() => {
      if (this.#leaving.get(name) === leaving) this.#leaving.delete(name);
    });
    this.#leaving.set(name, leaving);
  }

  async #leave(name: RoomId): Promise<void> {
    const { directory, clock } = this.#context;
    try {
      await directory.rooms.leave(name);
    } catch {
      // Others ask this node in vain meanwhile, and do without.
      if (this.#closed) return;
      clock.after(leaveAgainMs, () => {
        if (!this.#rooms.has(name)) this.#startLeaving(name);
      });
    }
  }

  /** A room that is being entered has no options yet that could hold: it is entered once more when it is. */
  #inAgain(enter: (room: ClusterRoom) => void): void {
    this.#upheavals += 1;
    this.#each((room) => {
      if (room.placed !== undefined) enter(room);
    });
  }

  #each(work: (room: ClusterRoom) => void): void {
    for (const room of [...this.#rooms.values()]) work(room);
  }
}

function carryOut(room: Room, _from: Life, content: EphemeralContent): void {
  const { removal, digit, wish } = content;
  room.onEphemeral(content);
  if (digit !== undefined) room.broadcast('phoneDigit', { ...digit, room: room.name });
  const wanted = wish && room.locals.get(wish.peerId);
  if (wish !== undefined && wanted !== undefined) carryOutWish(wanted, wish);
  if (removal === undefined) return;
  for (const peer of room.locals.ofIdentity(removal.identity)) room.leave(peer, 'removed', removal.explanation);
}
