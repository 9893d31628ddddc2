// Messages of the contract with everything filled in that a test does not care about.

import type { PeerInfo, ProducerInfo, RoomSnapshot } from '../../proto/gen/types.ts';
import { routerCapabilities } from './router-capabilities.ts';

export function peerInfo(peerId: string, changes: Partial<PeerInfo> = {}): PeerInfo {
  return {
    peerId,
    identity: `identity of ${peerId}`,
    name: peerId,
    metadata: '',
    kind: 'client',
    joinedAtMs: 1,
    away: false,
    producers: [],
    ...changes,
  };
}

export function producerInfo(producerId: string, changes: Partial<ProducerInfo> = {}): ProducerInfo {
  return { producerId, kind: 'audio', source: 'microphone', paused: false, muted: false, locked: false, ...changes };
}

export function roomSnapshot(changes: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    room: 'standup',
    peerId: 'me',
    options: {},
    grants: ['join', 'publish:audio', 'publish:video', 'publish:screen', 'subscribe', 'chat'],
    peerCount: 1 + (changes.peers?.length ?? 0),
    peers: [],
    nextPageToken: '',
    ownProducers: [],
    routerRtpCapabilities: routerCapabilities,
    mediaEpoch: 1,
    activeSpeakerPeerId: '',
    ...changes,
  };
}
