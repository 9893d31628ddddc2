import type {
  EventName,
  Events,
  PeerInfo,
  ProducerInfo,
  Restriction,
  RoomSettings,
  RoomSnapshot,
} from '../../proto/gen/types.ts';
import type {
  LeftReason,
  LocalTrack,
  MediaState,
  PublishOptions,
  RemoteTrack,
  Room,
  RoomEvents,
  TrackSource,
  Unsubscribe,
} from './api.ts';
import { requireBoolean, requireDurationIfGiven, requireSettings, requireText } from './arguments.ts';
import type { RoomChat } from './chat/chat-api.ts';
import { FollowedChat, type FollowedChatParts } from './chat/room-chat.ts';
import type { ServerEvent } from './codec/codec.ts';
import { Emitter } from './emitter.ts';
import type { ParleyError } from './errors.ts';
import type { DeviceStore } from './media/device-store.ts';
import type { Limiter } from './media/limiter.ts';
import { RoomMedia } from './media/room-media.ts';
import { Membership, type MembershipParts } from './membership.ts';
import { RoomRules } from './room-rules.ts';
import { isEmptyChange, Roster, type RosterChange } from './roster.ts';
import { fetchRosterPages } from './roster-pages.ts';

export interface JoinedRoomParts extends Omit<MembershipParts, 'onRejoined' | 'onRefused'> {
  readonly devices: DeviceStore;
  readonly autoSubscribe: boolean;
  /** For pages of rosters, shared by all rooms. */
  readonly pageLimiter: Limiter;
  readonly chat: Pick<FollowedChatParts, 'syncer' | 'queue' | 'identity' | 'cursor'>;
  /** Left, by the caller or not. Said once. */
  onLeft(room: JoinedRoom): void;
}

type EventHandlers = { readonly [Name in EventName]?: (payload: Events[Name]) => void };

/** A room from its joining to its leaving, over as many connections and sessions as it takes. */
export class JoinedRoom implements Room {
  readonly name: string;
  readonly #parts: JoinedRoomParts;
  readonly #emitter = new Emitter<RoomEvents>();
  readonly #membership: Membership;
  readonly #roster: Roster;
  readonly #media: RoomMedia;
  readonly #chat: FollowedChat;
  readonly #rules = new RoomRules();
  readonly #handlers: EventHandlers = {
    peersJoined: ({ peers, peerCount }) => {
      this.#peerCount = peerCount;
      this.#rosterChanged(this.#roster.add(peers), { always: true });
    },
    peersLeft: ({ peers, peerCount }) => {
      this.#peerCount = peerCount;
      this.#rosterChanged(this.#roster.remove(peers.map(({ peerId }) => peerId)), { always: true });
    },
    peerChanged: ({ peer }) => this.#rosterChanged(this.#roster.update(peer)),
    logRecords: (payload) => this.#chat.logRecords(payload),
    logGap: (payload) => this.#chat.logGap(payload),
    typingChanged: (payload) => this.#chat.typingChanged(payload),
    markersChanged: (payload) => this.#chat.markersChanged(payload),
    producerAdded: ({ peerId, producer }) => this.#producerIs(peerId, producer),
    producerChanged: ({ peerId, producer }) => this.#producerIs(peerId, producer),
    producerClosed: ({ peerId, producerId }) => {
      if (peerId === this.#peerId) this.#media.send.producerClosed(producerId);
      else this.#rosterChanged(this.#roster.removeProducer(peerId, producerId));
    },
    consumerClosed: ({ consumerId }) => this.#media.receive.consumerClosed(consumerId),
    activeSpeakerChanged: ({ peerId }) => this.#setActiveSpeaker(peerId),
    mediaReset: (reset) => {
      if (!this.#media.reset(reset)) return;
      this.#setActiveSpeaker('');
      this.#rosterChanged(this.#roster.clearProducers());
    },
    transportClosed: ({ transportId }) => this.#media.transportClosed(transportId),
    roomLeft: ({ reason, explanation }) => this.#wasLeft(reason, explanation),
  };
  #peerId = '';
  #grants: readonly string[] = [];
  #peerCount = 0;
  #activeSpeaker: string | undefined;

  constructor(snapshot: RoomSnapshot, parts: JoinedRoomParts) {
    this.name = snapshot.room;
    this.#parts = parts;
    this.#membership = new Membership({
      ...parts,
      onRejoined: (next) => this.#startedAnew(next),
      onRefused: (error) => this.#refused(error),
    });
    this.#media = new RoomMedia({
      ...parts,
      calls: this.#membership,
      onTrackAdded: (track) => this.#emitter.emit('trackAdded', track),
      onTrackRemoved: (track) => this.#emitter.emit('trackRemoved', track),
      onTrackChanged: (track) => this.#emitter.emit('trackChanged', track),
      onLocalTrackChanged: (track) => this.#emitter.emit('localTrackChanged', track),
      onLocalTrackFailed: (track, error) => this.#emitter.emit('localTrackFailed', { track, error }),
      onStateChanged: (state) => this.#emitter.emit('mediaStateChanged', state),
    });
    this.#roster = new Roster(this.#media.receive);
    this.#chat = new FollowedChat(snapshot, {
      ...parts.chat,
      timing: parts.timing,
      calls: this.#membership,
      onRecords: (records) => {
        const changed = this.#rules.follow(records, this.#chat.head.epoch, parts.chat.identity());
        if (changed) this.#emitter.emit('rulesChanged', undefined);
      },
    });
    this.#startedAnew(snapshot);
  }

  get peerId(): string {
    return this.#peerId;
  }

  get grants(): readonly string[] {
    return this.#grants;
  }

  get peers(): ReadonlyMap<string, PeerInfo> {
    return this.#roster.peers;
  }

  get peerCount(): number {
    return this.#peerCount;
  }

  get remoteTracks(): ReadonlyMap<string, RemoteTrack> {
    return this.#media.receive.tracks;
  }

  get localTracks(): ReadonlyMap<TrackSource, LocalTrack> {
    return this.#media.send.tracks;
  }

  get activeSpeaker(): string | undefined {
    return this.#activeSpeaker;
  }

  get mediaState(): MediaState {
    return this.#media.state;
  }

  get chat(): RoomChat {
    return this.#chat;
  }

  get settings(): RoomSettings {
    return this.#rules.settings;
  }

  get mutedUntilMs(): number | undefined {
    return this.#rules.mutedUntilMs;
  }

  get autoSubscribe(): boolean {
    return this.#media.receive.autoSubscribe;
  }

  set autoSubscribe(on: boolean) {
    this.#media.receive.autoSubscribe = on;
  }

  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener);
  }

  publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    return this.#media.send.publish(track, options);
  }

  subscribe(producerId: string): Promise<RemoteTrack> {
    return this.#media.receive.subscribe(producerId);
  }

  unsubscribe(producerId: string): Promise<void> {
    return this.#media.receive.unsubscribe(producerId);
  }

  async muteProducer(producerId: string, options: { muted: boolean; lock?: boolean }): Promise<void> {
    requireBoolean('muted', options.muted);
    await this.#membership.call('moderation.muteProducer', { producerId, ...options });
  }

  async removePeer(peerId: string, explanation = ''): Promise<void> {
    await this.#membership.call('moderation.removePeer', { peerId, explanation });
  }

  async allowIdentity(identity: string): Promise<void> {
    await this.#membership.call('moderation.allowIdentity', { identity });
  }

  async listRemoved(): Promise<readonly string[]> {
    const { identities } = await this.#membership.call('moderation.listRemoved', {});
    return identities;
  }

  async listRestrictions(): Promise<readonly Restriction[]> {
    const { restrictions } = await this.#membership.call('moderation.listRemoved', {});
    return restrictions;
  }

  async banIdentity(identity: string, options: { durationMs?: number; explanation?: string } = {}): Promise<void> {
    requireText('identity', identity);
    requireDurationIfGiven('durationMs', options.durationMs);
    await this.#membership.call('moderation.banIdentity', { identity, ...options });
  }

  async muteIdentity(identity: string, options: { durationMs?: number } = {}): Promise<void> {
    requireText('identity', identity);
    requireDurationIfGiven('durationMs', options.durationMs);
    await this.#membership.call('moderation.muteIdentity', { identity, ...options });
  }

  async unmuteIdentity(identity: string): Promise<void> {
    await this.#membership.call('moderation.muteIdentity', { identity, durationMs: 0 });
  }

  async configure(settings: Partial<RoomSettings>): Promise<void> {
    const changed = { ...this.settings, ...requireSettings(settings) };
    await this.#membership.call('moderation.configureRoom', { settings: changed });
  }

  async leave(): Promise<void> {
    if (this.#membership.hasLeft) return;
    // Sent before anything else ends, so that it is on its way when a page is about to go.
    const told = this.#membership.call('room.leave', {}).catch(() => {});
    this.end();
    await told;
  }

  /** Ends it here, without a word to anybody. */
  end(): void {
    if (this.#membership.hasLeft) return;
    this.#membership.leave();
    this.#chat.end();
    this.#media.close();
    this.#parts.onLeft(this);
  }

  connectionLost(): void {
    this.#membership.connectionLost();
    this.#chat.connectionLost();
  }

  /** There is a connection again. Without a snapshot, the server does not have the caller in the room any more. */
  connectionBack(snapshot: RoomSnapshot | undefined): void {
    if (!snapshot) {
      void this.#membership.rejoin();
      return;
    }
    this.#membership.resumed();
    this.#media.resumed(snapshot);
    this.#apply(snapshot);
  }

  /** The session is over for good. */
  sessionEnded(error: ParleyError): void {
    this.#wasLeft(error.reason.startsWith('TOKEN_') ? 'expired' : 'refused', error.message);
  }

  receive(event: ServerEvent): void {
    const handle = this.#handlers[event.name] as ((payload: ServerEvent['payload']) => void) | undefined;
    handle?.(event.payload);
  }

  #startedAnew(snapshot: RoomSnapshot): void {
    this.#media.startedAnew(snapshot);
    this.#apply(snapshot);
  }

  #apply(snapshot: RoomSnapshot): void {
    this.#peerId = snapshot.peerId;
    this.#grants = snapshot.grants;
    this.#peerCount = snapshot.peerCount;
    this.#rosterChanged(this.#roster.startSnapshot(snapshot), { always: true });
    this.#setActiveSpeaker(snapshot.activeSpeakerPeerId);
    this.#rules.start(snapshot);
    this.#emitter.emit('rulesChanged', undefined);
    this.#chat.joined(snapshot);
    void fetchRosterPages({
      calls: this.#membership,
      pageToken: snapshot.nextPageToken,
      limiter: this.#parts.pageLimiter,
      timing: this.#parts.timing,
      life: this.#membership.connectionLife,
      onPage: (peers, page) => this.#rosterChanged(this.#roster.addPage(peers, page)),
    });
  }

  #producerIs(peerId: string, producer: ProducerInfo): void {
    if (peerId === this.#peerId) this.#media.send.producerChanged(producer);
    else this.#rosterChanged(this.#roster.setProducer(peerId, producer));
  }

  #rosterChanged(change: RosterChange, { always = false } = {}): void {
    if (always || !isEmptyChange(change)) this.#emitter.emit('peersChanged', change);
  }

  #setActiveSpeaker(peerId: string): void {
    const speaker = peerId === '' ? undefined : peerId;
    if (speaker === this.#activeSpeaker) return;
    this.#activeSpeaker = speaker;
    this.#emitter.emit('activeSpeakerChanged', speaker);
  }

  #refused(error: ParleyError): void {
    this.#wasLeft(error.reason === 'IDENTITY_REMOVED' ? 'removed' : 'refused', error.message);
  }

  #wasLeft(reason: LeftReason, explanation: string): void {
    if (this.#membership.hasLeft) return;
    this.end();
    this.#emitter.emit('left', { reason, explanation });
  }
}
