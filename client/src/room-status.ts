import type { MediaMode, PeerLeft, PeerQuality, RecordingInfo, RoomSnapshot } from '../../proto/gen/types.ts';

const throughServer: MediaMode = { mode: 'sfu', generation: 0, peerId: '', initiator: false, reason: '' };

/** What a room is told to be doing now: who speaks, how it sends, how well, and whether it is recorded. */
export class RoomStatus {
  readonly quality = new Map<string, PeerQuality>();
  speakers: readonly string[] = [];
  mediaMode: MediaMode = throughServer;
  recording: RecordingInfo | undefined;

  start({ speakerPeerIds, mediaMode, recording }: RoomSnapshot): void {
    this.speakers = speakerPeerIds;
    this.mediaMode = mediaMode;
    this.recording = recording;
    this.quality.clear();
  }

  qualityChanged(peers: readonly PeerQuality[]): void {
    for (const quality of peers) this.quality.set(quality.peerId, quality);
  }

  peersLeft(peers: readonly PeerLeft[]): void {
    for (const { peerId } of peers) this.quality.delete(peerId);
  }

  recordingChanged(recording: RecordingInfo): void {
    const runs = recording.state === 'running' || recording.state === 'stopping';
    if (runs) this.recording = recording;
    else if (this.recording?.recordingId === recording.recordingId) this.recording = undefined;
  }
}
