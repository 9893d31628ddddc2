// One room of this node in a cluster: entered before anybody is let in, open while the room is, left when it closes.

import type { Life, RoomPlace } from '../../cluster/directory.ts';
import type { Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { RoomId } from '../../core/ids.ts';
import type { MuteProducer, PartPeer, StopRecording } from '../../proto/gen/node-types.ts';
import type { RecordingInfo } from '../../proto/gen/types.ts';
import type { Peer } from '../peer.ts';
import type { Room } from '../room.ts';
import type { RoomOptions } from '../room-options.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { EnteredRoom } from './cluster-link.ts';
import { type ControlState, isSameRecording, nothingDecided } from './control-state.ts';
import type { FrameContent, HeardFrame } from './frames.ts';
import { gather } from './gather.ts';
import type { Standing } from './merged-members.ts';
import { muteAndLock } from './mute-and-lock.ts';
import { type KeptOptions, type RoomPlacement, readKept } from './placement.ts';
import { stopElsewhere } from './recording-elsewhere.ts';
import { RoomControl } from './room-control.ts';
import { RoomMembers } from './room-members.ts';
import { RoomParts } from './room-parts.ts';
import type { Author, EphemeralContent, RoomTies } from './room-ties.ts';

/** How long a newcomer waits for the other nodes to say who is there; their peers come in later otherwise. */
const partsWithinMs = 1_000;
/** Somebody who wanted to come in has had time for it: the room is let go of. */
const unusedMs = 30_000;

interface ClusterRoomParts {
  readonly context: ClusterContext;
  readonly room: RoomId;
  readonly firstVersion: number;
  readonly publish: (content: FrameContent) => void;
  readonly isDead: (life: Life) => boolean;
  readonly onEphemeral: (room: Room, from: Life, content: EphemeralContent) => void;
  /** Nobody opened it, or it closed. */
  readonly onOver: (room: ClusterRoom) => void;
}

export class ClusterRoom implements EnteredRoom, RoomTies {
  readonly parts: RoomParts;
  readonly control: RoomControl;
  /** This node is about to stop. */
  draining = false;
  readonly #parts: ClusterRoomParts;
  readonly #members: RoomMembers;
  #place: RoomPlace | undefined;
  #options: KeptOptions | undefined;
  #room: Room | undefined;
  #over = false;
  #unused: Timer | undefined;
  #unsubscribe = () => {};
  #onOwnerChanged = () => {};

  constructor(parts: ClusterRoomParts) {
    const { context, room, firstVersion, publish } = parts;
    this.#parts = parts;
    this.#members = new RoomMembers((peerId) => this.parts.letGo(peerId));
    this.parts = new RoomParts({
      room,
      firstVersion,
      publish,
      life: () => this.life,
      graceMs: context.graceMs,
      clock: context.clock,
      defer: context.defer,
      listener: this.#members,
      counts: context.counts.partsAsked,
    });
    const { rooms, nodes } = context.directory;
    this.control = new RoomControl({
      room,
      life: () => this.life,
      isThere: (life) => life === this.life || (nodes.others.has(life) && this.isThere(life)),
      place: () => this.#place,
      lookAgain: () => this.#lookAgain(),
      keep: (term, control) => rooms.keepControl(room, term, control),
      ask: async (owner, term, change) => void (await context.calls.call(owner, 'command', { room, term, ...change })),
      publish: (control) => publish({ control }),
      onChanged: (now, before) => this.#decided(now, before),
    });
  }

  get name(): RoomId {
    return this.#parts.room;
  }

  get life(): Life {
    return this.#parts.context.directory.nodes.life;
  }

  get options(): RoomOptions | undefined {
    return this.#options;
  }

  get over(): boolean {
    return this.#over;
  }

  get others(): boolean {
    return this.parts.hasOthers;
  }

  get isOwner(): boolean {
    return this.#place?.owner === this.life;
  }

  get term(): number {
    return this.#place?.term ?? 0;
  }

  /** Subscribed first: whoever hears that this node is in the room is heard as well. */
  async enter(wished: RoomOptions): Promise<void> {
    const { bus, directory, placement } = this.#parts.context;
    const { room } = this.#parts;
    this.#unsubscribe = await bus.subscribe({ to: 'room', room }, (frame) => this.onFrame(frame));
    try {
      this.#took(await directory.rooms.enter(room, JSON.stringify({ ...wished, ...placement.policyOf(room) })));
    } catch (error) {
      this.#unsubscribe();
      throw error;
    }
    this.#meet();
    this.#waitForUse();
    await this.#whenWhole();
  }

  /** How it is placed; undefined until it is entered. */
  get placed(): (RoomPlacement & { readonly owner: Life | undefined }) | undefined {
    return this.#options && { ...this.#options, owner: this.#place?.owner };
  }

  elsewhere(): string | undefined {
    const { placed } = this;
    return placed === undefined || placed.placement === 'spread'
      ? undefined
      : this.#parts.context.placement.elsewhere(placed);
  }

  /** Somebody is about to come in. */
  wanted(): void {
    if (this.#unused === undefined) return;
    this.#unused.cancel();
    this.#waitForUse();
  }

  /** Set by whoever reads frames. */
  onFrame: (frame: Uint8Array) => void = () => {};

  heard({ from, content }: HeardFrame): void {
    if (content.ephemeral !== undefined) {
      const { room: _room, ...ephemeral } = content.ephemeral;
      if (this.#room !== undefined && from !== this.life) this.#parts.onEphemeral(this.#room, from, ephemeral);
    } else if (content.control !== undefined) {
      this.control.heard(content.control);
    } else {
      this.parts.heard(from, content);
    }
  }

  /** It is open. */
  get isOpen(): boolean {
    return this.#room !== undefined && !this.#over;
  }

  get ties(): RoomTies {
    return this;
  }

  opened(room: Room, onOwnerChanged: () => void): void {
    this.#unused?.cancel();
    this.#unused = undefined;
    this.#room = room;
    this.#onOwnerChanged = onOwnerChanged;
    this.#tellMedia();
    this.#members.open(room, this.parts.members.values());
    this.#decided(this.control.state, nothingDecided);
  }

  /** Who is known to be in the room, here or elsewhere. */
  find(peerId: string): Standing | undefined {
    return this.parts.members.get(peerId);
  }

  isThere(life: Life): boolean {
    return this.parts.lives.includes(life);
  }

  peerJoined(peer: Peer): void {
    this.parts.joined(this.#toEntry(peer));
  }

  peerChanged(peer: Peer): void {
    this.parts.changed(peer.toInfo([]));
  }

  peerLeft(peer: Peer, reason: Parameters<RoomTies['peerLeft']>[1]): void {
    // Nobody can go on elsewhere without a session.
    const mayGoOn = peer.owner.sessionHash !== undefined;
    if (this.draining && reason === 'closed' && mayGoOn) this.parts.letGo(peer.id);
    else this.parts.left(peer.id, reason, peer.name);
  }

  trackChanged(peerId: string, producer: Parameters<RoomTies['trackChanged']>[1]): void {
    this.parts.trackChanged(peerId, producer, this.#room?.media.remoteTracks?.shapeOf(producer.producerId));
  }

  trackClosed(peerId: string, producerId: string): void {
    this.parts.trackClosed(peerId, producerId);
  }

  tell(content: EphemeralContent): void {
    if (this.others) this.#parts.publish({ ephemeral: { room: this.name, ...content } });
  }

  muteProducer(command: MuteProducer): Promise<void> | undefined {
    const of = this.parts.members.findTrack(command.producerId);
    if (of === undefined || of.life === this.life) return this.muteHere(command);
    const request = { room: this.name, term: 0, muteProducer: command };
    return this.#parts.context.calls.call(of.life, 'command', request).then(() => {});
  }

  muteHere(command: MuteProducer): Promise<void> {
    return muteAndLock(this.#room, command, this.control);
  }

  setRecording({ recording, over }: Parameters<RoomTies['setRecording']>[0]): Promise<void> {
    // Where it is from the other nodes.
    const url = recording && recording.url !== '' ? `${this.#parts.context.publicUrl}${recording.url}` : '';
    const told = recording && { recording: { ...recording, url } };
    return this.control.change({ setRecording: { recorder: this.life, over, ...told } });
  }

  stopRecording(recordingId: string, by: Author): Promise<RecordingInfo> | undefined {
    const { recorder, recording } = this.control.state;
    if (recorder === '' || recorder === this.life || recording?.recordingId !== recordingId) return undefined;
    return stopElsewhere(this.#parts.context, { room: this.name, recorder, recordingId, by, control: this.control });
  }

  /** Of another node. @throws {AppError} RECORDING_NOT_FOUND */
  stopRecordingHere({ recordingId, identity, name }: StopRecording): RecordingInfo {
    const stopping = this.#room?.stopRecording?.(recordingId, { identity, name });
    if (stopping === undefined) throw new AppError('RECORDING_NOT_FOUND', { recordingId });
    return stopping;
  }

  /** Its peers are away until they are somewhere else. */
  died(life: Life): void {
    this.parts.died(life);
    const { rooms } = this.#parts.context.directory;
    void this.#attempt('a dead node was not taken out of a room', () => rooms.drop(this.name, life));
    if (this.#place?.owner === life) {
      const { term } = this.#place;
      void this.#attempt('a room has no owner', async () => this.#took(await rooms.claim(this.name, term)));
    } else {
      this.#forgetRecorder();
    }
  }

  ownerChanged(place: RoomPlace): void {
    this.#took(place);
  }

  /** Others took this node for dead: it is in no room until it says so. */
  async reborn(before: Life): Promise<void> {
    this.parts.reborn(before);
    await this.#enterAgain();
    // Those that others went on with meanwhile are theirs.
    this.#meet();
    const { recorder, recording } = this.control.state;
    if (recorder !== before || recording === undefined) return;
    await this.#attempt('a recording counts as over', () =>
      this.control.change({ setRecording: { recorder: this.life, over: false, recording } }),
    );
  }

  /** What the nodes share is empty or older: the room is there again as this node knows it. */
  async reset(): Promise<void> {
    await this.#enterAgain();
    await this.#attempt('what a room decided is not kept', () => this.control.keepAgain());
  }

  /** Frames may have been missed, by this node and of it. */
  restored(): void {
    this.parts.askAll();
    this.parts.tellDigest();
    this.control.tellAgain();
    void this.#attempt('what a room decided is not known', () => this.#lookAgain());
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#unused?.cancel();
    this.parts.close();
    this.#unsubscribe();
    this.#parts.onOver(this);
  }

  async #enterAgain(): Promise<void> {
    const { rooms } = this.#parts.context.directory;
    const seen = this.#place && { owner: this.#place.owner, term: this.#place.term };
    const options = JSON.stringify(this.#options);
    await this.#attempt('a room could not be entered again', async () =>
      this.#took(await rooms.enter(this.name, options, seen)),
    );
  }

  #took(place: RoomPlace): void {
    if (this.#place !== undefined && place.term < this.#place.term) return;
    const { isOwner, term } = this;
    const before = this.#place?.owner;
    this.#place = place;
    if (before !== undefined && !isOwner && this.isOwner) {
      this.#parts.context.counts.ownerChanges[this.#parts.isDead(before) ? 'dead' : 'left'] += 1;
    }
    this.#tellMedia();
    if (isOwner !== this.isOwner) this.#onOwnerChanged();
    this.#options ??= readKept(place.options);
    this.control.read(place);
    const isPinnedElsewhere = this.#options.placement === 'pinned' && !this.isOwner;
    if (isPinnedElsewhere && place.term !== term && this.#room) gather(this.#room, place.owner, this.#parts.context);
    this.#forgetRecorder();
  }

  /** Who speaks and who has the floor is decided by the owner. */
  #tellMedia(): void {
    if (this.#place === undefined) return;
    const { owner: node, term } = this.#place;
    this.#room?.media.remoteTracks?.ownedBy({ node, isHere: this.isOwner, term });
  }

  async #lookAgain(): Promise<RoomPlace | undefined> {
    const place = await this.#parts.context.directory.rooms.find(this.name);
    if (place !== undefined) this.#took(place);
    return this.#place;
  }

  #forgetRecorder(): void {
    const { recorder } = this.control.state;
    if (!this.isOwner || recorder === '' || !this.#parts.isDead(recorder)) return;
    void this.#attempt('a recording of a dead node is not over', () => this.control.died(recorder));
  }

  /** On every node, at each decision. */
  #decided(now: ControlState, before: ControlState): void {
    const room = this.#room;
    if (room === undefined || room.closed) return;
    // Of its own this node has told.
    const isOwn = now.recorder === this.life || (now.recorder === '' && before.recorder === this.life);
    if (now.recording && !isOwn && !isSameRecording(now, before)) room.tellRecording(now.recording);
    if (now.locks !== before.locks) void this.#attempt('locks do not hold', () => room.media.holdLocks(now.locks));
  }

  #meet(): void {
    const { nodes = [] } = this.#place ?? {};
    this.parts.meet(nodes.filter((life) => !this.#parts.isDead(life)));
  }

  async #whenWhole(): Promise<void> {
    const { clock } = this.#parts.context;
    await new Promise<void>((resolve) => {
      const timer = clock.after(partsWithinMs, resolve);
      void this.parts.whenWhole().then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  #waitForUse(): void {
    this.#unused = this.#parts.context.clock.after(unusedMs, () => this.close());
  }

  #toEntry(peer: Peer): PartPeer {
    const sessionHash = peer.owner.sessionHash ?? '';
    return { peer: peer.toInfo([]), generation: peer.generation, sessionHash, shapes: [] };
  }

  async #attempt(problem: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#parts.context.log.warn({ err: error, room: this.name }, problem);
    }
  }
}
