import type {
  EventName,
  Events,
  MediaMode,
  PeerInfo,
  PeerQuality,
  ProducerInfo,
  RecordingInfo,
  RoomSettings,
  RoomSnapshot,
} from '../../proto/gen/types.ts';
import type { LeftReason, RoomEvents, Unsubscribe } from './api.ts';
import { requireBoolean, requireSettings } from './arguments.ts';
import type { CallRoom } from './calls/running-call.ts';
import type { RoomChat } from './chat/chat-api.ts';
import { FollowedChat, type FollowedChatParts } from './chat/room-chat.ts';
import type { ServerEvent } from './codec/codec.ts';
import type { E2eeOptions, RoomE2ee } from './e2ee/e2ee-api.ts';
import { RoomEncryption } from './e2ee/room-encryption.ts';
import { Emitter } from './emitter.ts';
import { type ParleyError, sdkError } from './errors.ts';
import type { DeviceStore } from './media/device-store.ts';
import type { Limiter } from './media/limiter.ts';
import { RoomMedia } from './media/room-media.ts';
import { Membership, type MembershipParts } from './membership.ts';
import type { RoomCalls } from './room-calls.ts';
import { RoomRules } from './room-rules.ts';
import { RoomStatus } from './room-status.ts';
import { RoomTracks } from './room-tracks.ts';
import { isEmptyChange, Roster, type RosterChange } from './roster.ts';
import { fetchRosterPages } from './roster-pages.ts';

export interface JoinedRoomParts extends Omit<MembershipParts, 'onRejoined' | 'onRefused'> {
  readonly devices: DeviceStore;
  readonly autoSubscribe: boolean;
  readonly e2ee: E2eeOptions | undefined;
  /** For pages of rosters, shared by all rooms. */
  readonly pageLimiter: Limiter;
  readonly chat: Pick<FollowedChatParts, 'syncer' | 'queue' | 'identity' | 'cursor'>;
  /** Left, by the caller or not. Said once. */
  onLeft(room: JoinedRoom): void;
}

type EventHandlers = { readonly [Name in EventName]?: (payload: Events[Name]) => void };

/** A room from its joining to its leaving, over as many connections and sessions as it takes. */
export class JoinedRoom extends RoomTracks implements CallRoom {
  readonly name: string;
  readonly #parts: JoinedRoomParts;
  readonly #emitter = new Emitter<RoomEvents>();
  readonly #membership: Membership;
  readonly #roster: Roster;
  readonly #encryption: RoomEncryption;
  protected readonly media: RoomMedia;
  readonly #chat: FollowedChat;
  readonly #rules = new RoomRules();
  readonly #status = new RoomStatus();
  readonly #handlers: EventHandlers = {
    peersJoined: ({ peers, peerCount }) => {
      this.#peerCount = peerCount;
      this.#rosterChanged(this.#roster.add(peers), { always: true });
    },
    peersLeft: ({ peers, peerCount }) => {
      this.#peerCount = peerCount;
      this.#status.peersLeft(peers);
      this.#rosterChanged(this.#roster.remove(peers.map(({ peerId }) => peerId)), { always: true });
    },
    peerChanged: ({ peer }) => this.#rosterChanged(this.#roster.update(peer)),
    logRecords: (payload) => this.#chat.logRecords(payload),
    logGap: (payload) => this.#chat.logGap(payload),
    typingChanged: (payload) => this.#chat.typingChanged(payload),
    markersChanged: (payload) => this.#chat.markersChanged(payload),
    producerAdded: (added) => this.#producerIs(added.peerId, added.producer, added.replacesProducerId),
    producerChanged: ({ peerId, producer }) => this.#producerIs(peerId, producer),
    producerClosed: ({ peerId, producerId }) => {
      if (peerId === this.#peerId) this.media.send.producerClosed(producerId);
      else this.#rosterChanged(this.#roster.removeProducer(peerId, producerId));
    },
    consumerClosed: ({ consumerId, reason }) =>
      this.media.receive.consumerClosed(consumerId, { restart: reason === 'restart' }),
    producerLayerWanted: ({ producerId, spatialLayer }) => this.media.send.layerWanted(producerId, spatialLayer),
    activeSpeakerChanged: ({ peerId }) => this.media.direct.current ?? this.#setActiveSpeaker(peerId),
    mediaReset: (reset) => {
      const concerned = reset.peerIds.length === 0 ? undefined : new Set(reset.peerIds);
      const isConcerned = concerned?.has(this.#peerId) ?? true;
      if (isConcerned && !this.media.reset(reset)) return;
      const speaker = this.#activeSpeaker;
      if (speaker !== undefined && (concerned?.has(speaker) ?? true)) this.#setActiveSpeaker('');
      this.#rosterChanged(this.#roster.clearProducers(concerned));
    },
    // Of a direct call the server hears nothing.
    speakersChanged: ({ peerIds }) => this.media.direct.current ?? this.#speakersAre(peerIds),
    mediaModeChanged: ({ mode }) => {
      this.#status.mediaMode = mode;
      this.media.direct.modeIs(mode);
      this.#emitter.emit('mediaModeChanged', mode);
    },
    directSignal: (signal) => this.media.direct.receive(signal),
    qualityChanged: ({ peers }) => {
      this.#status.qualityChanged(peers);
      this.#emitter.emit('qualityChanged', peers);
    },
    recordingChanged: ({ recording }) => {
      this.#status.recordingChanged(recording);
      this.#emitter.emit('recordingChanged', recording);
    },
    handRaised: ({ peerId, identity, raised }) => {
      if (peerId === this.#peerId) this.#handRaised = raised;
      this.#emitter.emit('handRaised', { peerId, identity, raised });
    },
    phoneDigit: ({ room: _, ...pressed }) => this.#emitter.emit('phoneDigit', pressed),
    unmuteRequested: ({ identity, name }) => this.#emitter.emit('unmuteRequested', { identity, name }),
    transportClosed: ({ transportId }) => this.media.transportClosed(transportId),
    roomLeft: ({ reason, explanation }) => this.#wasLeft(reason, explanation),
  };
  #peerId = '';
  #grants: readonly string[] = [];
  #peerCount = 0;
  #handRaised = false;
  #activeSpeaker: string | undefined;

  constructor(snapshot: RoomSnapshot, parts: JoinedRoomParts) {
    super();
    this.name = parts.room;
    this.#parts = parts;
    this.#membership = new Membership({
      ...parts,
      // Also one that was not asked for: it is opened anew by whoever comes back first.
      options: snapshot.options.e2ee ? { ...parts.options, e2ee: true } : parts.options,
      onRejoined: (next) => this.#startedAnew(next),
      onRefused: (error) => this.#refused(error),
    });
    this.#encryption = new RoomEncryption({
      room: this.name,
      options: parts.e2ee,
      timeoutMs: parts.timing.mediaTimeoutMs,
      onChanged: (change) => this.#emitter.emit('decryptionChanged', change),
    });
    this.media = new RoomMedia({
      ...parts,
      calls: this.#membership,
      encryption: this.#encryption,
      onTrackAdded: (track) => this.#emitter.emit('trackAdded', track),
      onTrackRemoved: (track) => this.#emitter.emit('trackRemoved', track),
      onTrackChanged: (track) => this.#emitter.emit('trackChanged', track),
      onLocalTrackChanged: (track) => this.#emitter.emit('localTrackChanged', track),
      onLocalTrackFailed: (track, error) => this.#emitter.emit('localTrackFailed', { track, error }),
      onStateChanged: (state) => this.#emitter.emit('mediaStateChanged', state),
      onMeasured: (tracks) => this.#emitter.emit('tracksMeasured', tracks),
      ownPeerId: () => this.#peerId,
      onDirectSpeakers: (peerIds) => {
        this.#speakersAre(peerIds);
        this.#setActiveSpeaker(peerIds[0] ?? '');
      },
      onSilent: () => parts.session.hint(),
    });
    this.#roster = new Roster(this.media.receive);
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

  protected get calls(): RoomCalls {
    return this.#membership;
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

  get activeSpeaker(): string | undefined {
    return this.#activeSpeaker;
  }

  get speakers(): readonly string[] {
    return this.#status.speakers;
  }

  get mediaMode(): MediaMode {
    return this.#status.mediaMode;
  }

  get quality(): ReadonlyMap<string, PeerQuality> {
    return this.#status.quality;
  }

  get recording(): RecordingInfo | undefined {
    return this.#status.recording;
  }

  get e2ee(): RoomE2ee {
    return this.#encryption;
  }

  get handRaised(): boolean {
    return this.#handRaised;
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

  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): Unsubscribe {
    return this.#emitter.on(name, listener);
  }

  async raiseHand(raised: boolean): Promise<void> {
    requireBoolean('raised', raised);
    await this.#membership.call('room.raiseHand', { raised }, { apply: () => (this.#handRaised = raised) });
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
    this.media.close();
    this.#encryption.close();
    this.#parts.onLeft(this);
  }

  networkChanged(): void {
    this.media.networkChanged();
  }

  connectionLost(): void {
    this.#membership.connectionLost();
    this.#chat.connectionLost();
  }

  /** There is a connection again. Without a snapshot, the server does not have the caller in the room any more. */
  connectionBack(snapshot: RoomSnapshot | undefined, { hasMoved = false } = {}): void {
    if (!snapshot) {
      void this.#membership.rejoin();
      return;
    }
    this.#membership.resumed();
    if (!this.#staysEncrypted(snapshot)) return;
    this.media.resumed(snapshot, { hasMoved });
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
    if (!this.#staysEncrypted(snapshot)) return;
    // As another peer, of which nobody knows what the one before wanted.
    this.#handRaised = false;
    this.media.startedAnew(snapshot);
    this.#apply(snapshot);
  }

  #apply(snapshot: RoomSnapshot): void {
    this.#peerId = snapshot.peerId;
    this.#grants = snapshot.grants;
    this.#peerCount = snapshot.peerCount;
    this.#rosterChanged(this.#roster.startSnapshot(snapshot), { always: true });
    this.#setActiveSpeaker(snapshot.activeSpeakerPeerId);
    this.#statusIs(snapshot);
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

  #producerIs(peerId: string, producer: ProducerInfo, replaces = ''): void {
    if (peerId === this.#peerId) this.media.send.producerChanged(producer);
    else this.#rosterChanged(this.#roster.setProducer(peerId, producer, replaces));
  }

  #rosterChanged(change: RosterChange, { always = false } = {}): void {
    this.media.peersLeft(change.left.map(({ peerId }) => peerId));
    if (always || !isEmptyChange(change)) this.#emitter.emit('peersChanged', change);
  }

  #statusIs(snapshot: RoomSnapshot): void {
    const { speakers, mediaMode, recording } = this.#status;
    this.#status.start(snapshot);
    if (speakers.join() !== snapshot.speakerPeerIds.join()) this.#emitter.emit('speakersChanged', this.speakers);
    const { mode, generation } = this.mediaMode;
    if (mediaMode.mode !== mode || mediaMode.generation !== generation)
      this.#emitter.emit('mediaModeChanged', this.mediaMode);
    const ended = recording && { ...recording, state: 'done' as const };
    const told = this.recording ?? ended;
    if (told && this.recording?.recordingId !== recording?.recordingId) this.#emitter.emit('recordingChanged', told);
  }

  #speakersAre(peerIds: readonly string[]): void {
    this.#status.speakers = peerIds;
    this.#emitter.emit('speakersChanged', peerIds);
  }

  #setActiveSpeaker(peerId: string): void {
    const speaker = peerId === '' ? undefined : peerId;
    if (speaker === this.#activeSpeaker) return;
    this.#activeSpeaker = speaker;
    this.#emitter.emit('activeSpeakerChanged', speaker);
  }

  /** Otherwise what would be sent could be read: nothing is, and the room is left. */
  #staysEncrypted(snapshot: RoomSnapshot): boolean {
    if (this.#encryption.enter(snapshot)) return true;
    this.#membership.call('room.leave', {}).catch(() => {});
    this.#refused(sdkError('E2EE_NOT_OFFERED'));
    return false;
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
