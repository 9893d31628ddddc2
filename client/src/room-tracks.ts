import type { LocalTrack, MediaState, PublishOptions, RemoteTrack, TrackSource } from './api.ts';
import type { RoomData } from './data/data-api.ts';
import type { RoomMedia } from './media/room-media.ts';
import { RoomRequests } from './room-requests.ts';

/** What a room has of media, and how it is sent and received. */
export abstract class RoomTracks extends RoomRequests {
  protected abstract readonly media: RoomMedia;

  get remoteTracks(): ReadonlyMap<string, RemoteTrack> {
    return this.media.receive.tracks;
  }

  get localTracks(): ReadonlyMap<TrackSource, LocalTrack> {
    return this.media.send.tracks;
  }

  get mediaState(): MediaState {
    return this.media.state;
  }

  get data(): RoomData {
    return this.media.data;
  }

  get autoSubscribe(): boolean {
    return this.media.receive.autoSubscribe;
  }

  set autoSubscribe(on: boolean) {
    this.media.receive.autoSubscribe = on;
  }

  /** What the microphone is sent with; empty: as the platform likes. */
  get audioCodec(): string {
    return this.media.send.audioCodec;
  }

  set audioCodec(codec: string) {
    this.media.send.audioCodec = codec;
  }

  /** Nothing is heard or seen of the room, nor sent that could be. */
  get held(): boolean {
    return this.media.held;
  }

  set held(held: boolean) {
    this.media.held = held;
  }

  publish(track: MediaStreamTrack, options: PublishOptions): Promise<LocalTrack> {
    return this.media.send.publish(track, options);
  }

  subscribe(producerId: string): Promise<RemoteTrack> {
    return this.media.receive.subscribe(producerId);
  }

  unsubscribe(producerId: string): Promise<void> {
    return this.media.receive.unsubscribe(producerId);
  }
}
