import type { RecordingInfo, Restriction } from '../../proto/gen/types.ts';
import type { TrackSource } from './api.ts';
import { requireBoolean, requireDecibels, requireDurationIfGiven, requireText } from './arguments.ts';
import type { RoomCalls } from './room-calls.ts';

/** What a room asks of the server and keeps nothing of: moderation and recordings. */
export abstract class RoomRequests {
  protected abstract readonly calls: RoomCalls;

  async muteProducer(producerId: string, options: { muted: boolean; lock?: boolean }): Promise<void> {
    requireBoolean('muted', options.muted);
    await this.calls.call('moderation.muteProducer', { producerId, ...options });
  }

  async removePeer(peerId: string, explanation = ''): Promise<void> {
    await this.calls.call('moderation.removePeer', { peerId, explanation });
  }

  async allowIdentity(identity: string): Promise<void> {
    await this.calls.call('moderation.allowIdentity', { identity });
  }

  async listRemoved(): Promise<readonly string[]> {
    const { identities } = await this.calls.call('moderation.listRemoved', {});
    return identities;
  }

  async listRestrictions(): Promise<readonly Restriction[]> {
    const { restrictions } = await this.calls.call('moderation.listRemoved', {});
    return restrictions;
  }

  async banIdentity(identity: string, options: { durationMs?: number; explanation?: string } = {}): Promise<void> {
    requireText('identity', identity);
    requireDurationIfGiven('durationMs', options.durationMs);
    await this.calls.call('moderation.banIdentity', { identity, ...options });
  }

  async muteIdentity(identity: string, options: { durationMs?: number } = {}): Promise<void> {
    requireText('identity', identity);
    requireDurationIfGiven('durationMs', options.durationMs);
    await this.calls.call('moderation.muteIdentity', { identity, ...options });
  }

  async unmuteIdentity(identity: string): Promise<void> {
    await this.calls.call('moderation.muteIdentity', { identity, durationMs: 0 });
  }

  async requestUnmute(peerId: string): Promise<void> {
    requireText('peerId', peerId);
    await this.calls.call('moderation.requestUnmute', { peerId });
  }

  async setPhoneVolume(peerId: string, volumeDb: number): Promise<void> {
    requireText('peerId', peerId);
    requireDecibels('volumeDb', volumeDb);
    await this.calls.call('moderation.setPhoneVolume', { peerId, volumeDb });
  }

  async lowerHand(peerId: string): Promise<void> {
    requireText('peerId', peerId);
    await this.calls.call('moderation.lowerHand', { peerId });
  }

  startRecording(options: { title?: string; sources?: readonly TrackSource[] } = {}): Promise<RecordingInfo> {
    const { title = '', sources = [] } = options;
    return this.calls.call('recording.start', { title, sources: [...sources] });
  }

  async stopRecording(recordingId: string): Promise<RecordingInfo> {
    requireText('recordingId', recordingId);
    return this.calls.call('recording.stop', { recordingId });
  }

  listRecordings(pageToken = ''): Promise<{ recordings: readonly RecordingInfo[]; nextPageToken: string }> {
    return this.calls.call('recording.list', { pageToken });
  }

  async deleteRecording(recordingId: string): Promise<void> {
    requireText('recordingId', recordingId);
    await this.calls.call('recording.delete', { recordingId });
  }
}
