// Who is in the room and what they send, as signals. The SDK's objects change in place: each event reads them anew.

import type { PhoneInfo, ProducerInfo, RemoteTrack, Room, TrackSource, Unsubscribe } from '@parley/client';
import { computed, type ReadonlySignal, signal } from '@preact/signals';

export interface Person {
  readonly peerId: string;
  readonly identity: string;
  readonly name: string;
  readonly self: boolean;
  /** Their connection is lost and may still come back. */
  readonly away: boolean;
  /** They write only: they came through the plain chat. */
  readonly chatOnly: boolean;
  /** They want to speak. */
  readonly handRaised: boolean;
  /** Of those who came by phone. */
  readonly phone: PhoneInfo | undefined;
  readonly sends: ReadonlyMap<TrackSource, Sent>;
}

/** A track that somebody sends, whether it is received here or not. */
export interface Sent {
  readonly producerId: string | undefined;
  /** Nothing comes: paused by its owner or muted by a moderator. */
  readonly paused: boolean;
  readonly muted: boolean;
  readonly locked: boolean;
}

export interface Roster {
  /** The others in the order in which they came, then oneself. */
  readonly people: ReadonlySignal<readonly Person[]>;
  readonly peerCount: ReadonlySignal<number>;
  readonly self: ReadonlySignal<Person>;
  /** By peer id, what is received of them. */
  readonly received: ReadonlySignal<ReadonlyMap<string, ReadonlyMap<TrackSource, RemoteTrack>>>;
  /** Every remote track that is heard. */
  readonly sounds: ReadonlySignal<readonly RemoteTrack[]>;
  readonly activeSpeaker: ReadonlySignal<string | undefined>;
  /** By peer id, whose voices are heard now. */
  readonly speakers: ReadonlySignal<ReadonlySet<string>>;
  readonly mediaState: ReadonlySignal<Room['mediaState']>;
  setHandRaised(raised: boolean): Promise<void>;
  close(): void;
}

interface RosterOptions {
  readonly room: Room;
  readonly ownName: string;
  readonly ownIdentity: string;
}

export function createRoster({ room, ownName, ownIdentity }: RosterOptions): Roster {
  // Signals compare values and the room stays the same object: a number stands for “read it again”.
  const version = signal(0);
  const activeSpeaker = signal(room.activeSpeaker);
  const speakers = signal<ReadonlySet<string>>(new Set(room.speakers));
  const mediaState = signal(room.mediaState);
  const changed = (): void => {
    version.value += 1;
  };
  const unsubscribes: Unsubscribe[] = [
    room.on('peersChanged', changed),
    room.on('handRaised', changed),
    room.on('trackAdded', changed),
    room.on('trackRemoved', changed),
    room.on('trackChanged', changed),
    room.on('localTrackChanged', changed),
    room.on('localTrackFailed', changed),
    room.on('activeSpeakerChanged', (peerId) => {
      activeSpeaker.value = peerId;
    }),
    room.on('speakersChanged', (peerIds) => {
      speakers.value = new Set(peerIds);
    }),
    room.on('mediaStateChanged', (state) => {
      mediaState.value = state;
      changed();
    }),
  ];

  const self = computed<Person>(() => {
    version.value;
    return {
      peerId: room.peerId,
      identity: ownIdentity,
      name: ownName,
      self: true,
      away: false,
      chatOnly: false,
      handRaised: room.handRaised,
      phone: undefined,
      sends: new Map([...room.localTracks].map(([source, local]) => [source, sentOf(local)])),
    };
  });

  const others = computed<readonly Person[]>(() => {
    version.value;
    return [...room.peers.values()]
      .sort((a, b) => a.joinedAtMs - b.joinedAtMs || (a.peerId < b.peerId ? -1 : 1))
      .map((peer) => ({
        peerId: peer.peerId,
        identity: peer.identity,
        name: peer.name || peer.phone?.number || peer.identity,
        self: false,
        away: peer.away,
        chatOnly: peer.kind === 'chat',
        handRaised: peer.handRaised ?? false,
        phone: peer.phone,
        sends: new Map(peer.producers.map((producer) => [producer.source, sentOf(producer)])),
      }));
  });

  const received = computed(() => {
    version.value;
    const byPeer = new Map<string, Map<TrackSource, RemoteTrack>>();
    for (const remote of room.remoteTracks.values()) {
      const sources = byPeer.get(remote.peerId) ?? new Map<TrackSource, RemoteTrack>();
      byPeer.set(remote.peerId, sources.set(remote.source, remote));
    }
    return byPeer;
  });

  return {
    self,
    received,
    activeSpeaker,
    speakers,
    mediaState,
    people: computed(() => [...others.value, self.value]),
    peerCount: computed(() => {
      version.value;
      return room.peerCount;
    }),
    sounds: computed(() => {
      version.value;
      return [...room.remoteTracks.values()].filter((remote) => remote.track.kind === 'audio');
    }),
    async setHandRaised(raised) {
      await room.raiseHand(raised);
      changed();
    },
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe();
    },
  };
}

function sentOf(track: Pick<ProducerInfo, 'paused' | 'muted' | 'locked'> & { producerId: string | undefined }): Sent {
  const { producerId, paused, muted, locked } = track;
  return { producerId, paused: paused || muted, muted, locked };
}
