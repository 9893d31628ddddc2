import type { MediaReset, RoomSnapshot, RtpCapabilities, TrackQuality } from '../../../proto/gen/types.ts';
import type { LocalTrack, MediaState, RemoteTrack } from '../api.ts';
import { ChannelData } from '../data/channel-data.ts';
import type { RoomEncryption } from '../e2ee/room-encryption.ts';
import { type ParleyError, sdkError } from '../errors.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import type { DeviceStore } from './device-store.ts';
import { RoomDirect } from './direct/room-direct.ts';
import type { MediaPath } from './media-path.ts';
import { QualityReporter } from './quality-reporter.ts';
import { ReceiveSide } from './receive-side.ts';
import { SendSide } from './send-side.ts';

export interface RoomMediaParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly devices: DeviceStore;
  readonly autoSubscribe: boolean;
  readonly encryption: RoomEncryption;
  onTrackAdded(track: RemoteTrack): void;
  onTrackRemoved(track: RemoteTrack): void;
  onTrackChanged(track: RemoteTrack): void;
  onLocalTrackChanged(track: LocalTrack): void;
  onLocalTrackFailed(track: LocalTrack, error: ParleyError): void;
  /** False: the application rules direct calls out. */
  readonly direct?: boolean | undefined;
  readonly ownPeerId: () => string;
  /** Who is heard of a direct call. */
  onDirectSpeakers(peerIds: readonly string[]): void;
  onMeasured(tracks: readonly TrackQuality[]): void;
  onStateChanged(state: MediaState): void;
  /** A path went silent, and so may have what else goes over the same network. */
  onSilent(): void;
}

/** The media of one room as this client has it: both directions, and when they start over. */
export class RoomMedia {
  readonly send: SendSide;
  readonly receive: ReceiveSide;
  readonly data: ChannelData;
  readonly direct: RoomDirect;
  readonly #parts: RoomMediaParts;
  readonly #quality: QualityReporter;
  #capabilities: RtpCapabilities | undefined;
  #epoch = 0;
  #state: MediaState = 'idle';
  #isSilent = false;

  constructor(parts: RoomMediaParts) {
    this.#parts = parts;
    const device = () => this.#device();
    const onStateChanged = () => this.#stateChanged();
    this.send = new SendSide({
      ...parts,
      device,
      onTrackChanged: (track) => {
        this.direct.changed();
        parts.onLocalTrackChanged(track);
      },
      onTrackFailed: parts.onLocalTrackFailed,
      onStateChanged,
    });
    this.receive = new ReceiveSide({ ...parts, device, onStateChanged });
    this.data = new ChannelData({ ...parts, device });
    this.direct = new RoomDirect({
      ...parts,
      send: this.send,
      receive: this.receive,
      isAllowed: () => parts.direct !== false && !parts.encryption.enabled,
      onSwapped: parts.onTrackChanged,
      onSpeakers: parts.onDirectSpeakers,
    });
    this.#quality = new QualityReporter({ ...parts, send: this.send, receive: this.receive, direct: this.direct });
  }

  get state(): MediaState {
    return this.#state;
  }

  /** The room was joined as a new peer: whatever there was on the server belonged to another one. */
  startedAnew(snapshot: RoomSnapshot): void {
    this.direct.reset();
    this.#enter(snapshot);
    this.receive.path.reset();
    this.send.startedAnew();
    this.data.reset();
  }

  /**
   * The session goes on: so does the media, unless the room's worker died meanwhile. `hasMoved`: at another node, and what flows
   * by way of the old one does so until it flows by way of this one.
   */
  resumed(snapshot: RoomSnapshot, { hasMoved = false } = {}): void {
    const sameEpoch = snapshot.mediaEpoch === this.#epoch;
    this.#enter(snapshot);
    if (!sameEpoch && hasMoved) this.#movePaths();
    else if (!sameEpoch) this.#resetPaths();
    this.send.ownProducersAre(snapshot.ownProducers);
    this.receive.resumed();
    this.direct.modeIs(snapshot.mediaMode);
  }

  /** The room's worker died: everything on the server is gone. Answers whether that is news. */
  reset({ mediaEpoch, routerRtpCapabilities }: MediaReset): boolean {
    if (mediaEpoch <= this.#epoch) return false;
    this.#epoch = mediaEpoch;
    this.#capabilities = routerRtpCapabilities;
    this.#resetPaths();
    return true;
  }

  transportClosed(transportId: string): void {
    this.send.path.ended(transportId);
    this.receive.path.ended(transportId);
    this.data.transportClosed(transportId);
  }

  peersLeft(peerIds: readonly string[]): void {
    this.direct.peersLeft(peerIds);
    this.receive.peersLeft(peerIds);
  }

  networkChanged(): void {
    this.send.path.networkChanged();
    this.receive.path.networkChanged();
    this.data.networkChanged();
    this.direct.networkChanged();
  }

  get held(): boolean {
    return this.send.held;
  }

  /** Nothing is heard or seen of the room, nor sent that could be. */
  set held(held: boolean) {
    this.send.held = held;
    this.receive.held = held;
  }

  close(): void {
    this.#capabilities = undefined;
    this.#quality.close();
    this.direct.reset();
    this.send.close();
    this.receive.close();
    this.data.close();
  }

  #enter({ mediaEpoch, routerRtpCapabilities, grants }: RoomSnapshot): void {
    this.#epoch = mediaEpoch;
    this.#capabilities = routerRtpCapabilities;
    this.receive.allowed = grants.includes('subscribe');
  }

  #resetPaths(): void {
    this.receive.path.reset();
    this.send.path.reset();
    this.data.reset();
  }

  #movePaths(): void {
    this.receive.path.move();
    this.send.move();
    this.data.reset();
  }

  #device() {
    if (!this.#capabilities) return Promise.reject(sdkError('NOT_IN_ROOM'));
    return this.#parts.devices.load(this.#capabilities);
  }

  #stateChanged(): void {
    this.#listenForSilence();
    const state = summarize([this.send, this.receive]);
    if (state === this.#state) return;
    this.#state = state;
    this.#parts.onStateChanged(state);
  }

  #listenForSilence(): void {
    const isSilent = [this.send, this.receive].some(
      ({ path }) => path.state === 'shaky' || path.state === 'restarting',
    );
    const isNews = isSilent && !this.#isSilent;
    this.#isSilent = isSilent;
    if (isNews) this.#parts.onSilent();
  }
}

/** What both directions come to: the one that is in trouble counts, then the one that is on its way. */
function summarize(sides: readonly { readonly path: MediaPath; readonly isWanted: boolean }[]): MediaState {
  const states = sides.filter(({ isWanted }) => isWanted).map(({ path }) => stateOf(path));
  const order: readonly MediaState[] = ['recovering', 'connecting', 'connected'];
  return order.find((state) => states.includes(state)) ?? 'idle';
}

function stateOf(path: MediaPath): MediaState {
  if (path.state === 'up' || path.state === 'shaky' || path.isHandedOver) return 'connected';
  if (path.state === 'unsupported' || path.state === 'closed') return 'idle';
  return path.isRecovering ? 'recovering' : 'connecting';
}
