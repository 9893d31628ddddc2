// Messages of the contract with everything filled in that a test does not care about.

import type {
  LogHead,
  LogRecord,
  MessageContent,
  PeerInfo,
  ProducerInfo,
  RoomSnapshot,
  Unread,
} from '../../proto/gen/types.ts';
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
  const state = { paused: false, muted: false, locked: false, encrypted: false };
  return { producerId, kind: 'audio', source: 'microphone', ...state, ...changes };
}

export function roomSnapshot(changes: Partial<RoomSnapshot> = {}): RoomSnapshot {
  return {
    room: 'standup',
    peerId: 'me',
    options: { direct: 'never', e2ee: false },
    grants: ['join', 'publish:audio', 'publish:video', 'publish:screen', 'subscribe', 'chat', 'history'],
    peerCount: 1 + (changes.peers?.length ?? 0),
    peers: [],
    nextPageToken: '',
    ownProducers: [],
    routerRtpCapabilities: routerCapabilities,
    mediaEpoch: 1,
    activeSpeakerPeerId: '',
    speakerPeerIds: [],
    mediaMode: { mode: 'sfu', generation: 0, peerId: '', initiator: false, reason: '' },
    log: logHead(),
    unread: unread(),
    settings: { slowModeMs: 0, retentionMs: 0, retentionRecords: 0 },
    ...changes,
  };
}

export function logHead(changes: Partial<LogHead> = {}): LogHead {
  return { epoch: 'e1', seq: 0, messageId: '', firstSeq: 1, durability: 'disk', ...changes };
}

export function unread(changes: Partial<Unread> = {}): Unread {
  return { deliveredSeq: 0, readSeq: 0, messages: 0, mentions: 0, ...changes };
}

/** Its id and its text are made of its number. */
export function messageRecord(seq: number, changes: Partial<LogRecord> = {}): LogRecord {
  return {
    seq,
    messageId: `m${seq}`,
    kind: 'message',
    atMs: seq,
    identity: 'bob',
    name: 'Bob',
    clientId: `c${seq}`,
    message: messageContent(`text ${seq}`),
    ...changes,
  };
}

export function messageContent(text: string, changes: Partial<MessageContent> = {}): MessageContent {
  return { text, mentions: [], reactions: [], changedSeq: 0, ...changes };
}
