import type { DirectSignalRequest, IceServer } from '../../../../proto/gen/types.ts';
import type { TrackSource } from '../../api.ts';
import { directSources } from './told-state.ts';
import { withUnnamedSounds } from './unnamed-sounds.ts';

export type SignalKind = DirectSignalRequest['kind'];

export interface DirectConnectionParts {
  readonly iceServers: readonly IceServer[];
  readonly relayOnly: boolean;
  readonly initiator: boolean;
  readonly signal: (kind: SignalKind, data: string) => void;
  /** The channel to the other one is open. */
  readonly onOpen: () => void;
  readonly onMessage: (data: unknown) => void;
  /** There is no way, or it broke. */
  readonly onFailed: (detail: string) => void;
}

/** Those that come before the description that they belong to. */
const maxEarlyCandidates = 100;

/**
 * A connection to the other client: one sender and receiver for each source from the start, so that whatever is published
 * later needs no new description, and a channel on which both say what they do.
 */
export class DirectConnection {
  readonly #parts: DirectConnectionParts;
  readonly #peer: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  /** What is being set, in order. */
  #work: Promise<void> = Promise.resolve();
  #early: RTCIceCandidateInit[] = [];
  #described = false;
  #closed = false;

  constructor(parts: DirectConnectionParts) {
    this.#parts = parts;
    this.#peer = new RTCPeerConnection({
      iceServers: parts.iceServers.map(({ urls, username, credential }) => ({
        urls: [...urls],
        ...(username !== '' && { username, credential }),
      })),
      iceTransportPolicy: parts.relayOnly ? 'relay' : 'all',
      bundlePolicy: 'max-bundle',
    });
    this.#channel = this.#peer.createDataChannel('parley', { negotiated: true, id: 0 });
    this.#listen();
    if (parts.initiator) this.#run('offer', () => this.#offer());
  }

  get isOpen(): boolean {
    return !this.#closed && this.#channel.readyState === 'open';
  }

  /** @throws {Error} by rejection, of one that is closed. */
  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Of one track, where the platform has it; of the whole connection elsewhere. */
  async statsOf(source: TrackSource, direction: 'send' | 'recv'): Promise<RTCStatsReport> {
    const transceiver = this.#transceiver(source);
    const end = direction === 'send' ? transceiver?.sender : transceiver?.receiver;
    try {
      return (await end?.getStats()) ?? new Map();
    } catch {
      return this.getStats();
    }
  }

  /** What comes of that source, whether anything does or not; undefined before there is a description. */
  trackOf(source: TrackSource): MediaStreamTrack | undefined {
    return this.#described ? this.#transceiver(source)?.receiver.track : undefined;
  }

  /** Sends this, or nothing, of that source. */
  send(source: TrackSource, track: MediaStreamTrack | undefined): void {
    const sender = this.#transceiver(source)?.sender;
    if (!sender || sender.track === (track ?? null)) return;
    // Of a connection that closes meanwhile, or a track that ended, nothing is to be sent.
    sender.replaceTrack(track ?? null).catch(() => {});
  }

  tell(message: string): void {
    if (this.isOpen) this.#channel.send(message);
  }

  receive(kind: SignalKind, data: string): void {
    if (kind === 'candidate') this.#run('candidate', () => this.#addCandidate(data), { passing: true });
    else if (kind === 'offer' && !this.#parts.initiator) this.#run('offer', () => this.#answer(data));
    else if (kind === 'answer' && this.#parts.initiator) this.#run('answer', () => this.#describe('answer', data));
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel.close();
    this.#peer.close();
  }

  #listen(): void {
    const { signal, onOpen, onMessage, onFailed } = this.#parts;
    this.#peer.onicecandidate = ({ candidate }) => {
      if (this.#closed || !candidate?.candidate) return;
      const { sdpMid, sdpMLineIndex } = candidate;
      signal('candidate', JSON.stringify({ candidate: candidate.candidate, sdpMid, sdpMLineIndex }));
    };
    this.#peer.onconnectionstatechange = () => {
      const state = this.#peer.connectionState;
      if (!this.#closed && (state === 'failed' || state === 'disconnected')) onFailed(state);
    };
    this.#channel.onopen = () => {
      if (!this.#closed) onOpen();
    };
    this.#channel.onclose = () => {
      if (!this.#closed) onFailed('closed');
    };
    this.#channel.onmessage = ({ data }) => {
      if (!this.#closed) onMessage(data);
    };
  }

  #transceiver(source: TrackSource): RTCRtpTransceiver | undefined {
    return this.#peer.getTransceivers()[directSources.indexOf(source)];
  }

  async #offer(): Promise<void> {
    for (const source of directSources) this.#peer.addTransceiver(kindOf(source), { direction: 'sendrecv' });
    await this.#peer.setLocalDescription(await this.#peer.createOffer());
    this.#parts.signal('offer', this.#peer.localDescription?.sdp ?? '');
  }

  async #answer(sdp: string): Promise<void> {
    await this.#describe('offer', sdp);
    const transceivers = this.#peer.getTransceivers();
    const kinds = transceivers.map(({ receiver }) => receiver.track.kind);
    if (kinds.join() !== directSources.map(kindOf).join()) throw new Error('another offer than is made here');
    for (const transceiver of transceivers) transceiver.direction = 'sendrecv';
    await this.#peer.setLocalDescription(await this.#peer.createAnswer());
    this.#parts.signal('answer', this.#peer.localDescription?.sdp ?? '');
  }

  async #describe(type: 'offer' | 'answer', sdp: string): Promise<void> {
    await this.#peer.setRemoteDescription({ type, sdp: withUnnamedSounds(sdp) });
    this.#described = true;
    for (const candidate of this.#early.splice(0)) await this.#peer.addIceCandidate(candidate);
  }

  async #addCandidate(data: string): Promise<void> {
    const candidate = JSON.parse(data) as RTCIceCandidateInit;
    if (this.#described) await this.#peer.addIceCandidate(candidate);
    else if (this.#early.length < maxEarlyCandidates) this.#early.push(candidate);
  }

  /** `passing`: without it there may be a way all the same. */
  #run(what: string, work: () => Promise<void>, { passing = false } = {}): void {
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : work()))
      .catch(() => {
        if (!this.#closed && !passing) this.#parts.onFailed(what);
      });
  }
}

function kindOf(source: TrackSource): 'audio' | 'video' {
  return source === 'camera' || source === 'screen' ? 'video' : 'audio';
}
