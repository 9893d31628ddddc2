import type { DirectReport, DirectSignal, IceServer, MediaMode } from '../../../../proto/gen/types.ts';
import type { RoomCalls } from '../../room-calls.ts';
import type { ReceiveSide } from '../receive-side.ts';
import type { ReceivedTrack } from '../remote-track.ts';
import type { SendSide } from '../send-side.ts';
import { DirectCall } from './direct-call.ts';
import type { SignalKind } from './direct-connection.ts';

export interface RoomDirectParts {
  readonly calls: RoomCalls;
  readonly send: SendSide;
  readonly receive: ReceiveSide;
  readonly ownPeerId: () => string;
  /**
   * Whatever the server says: in encrypted rooms, where it could stand between the two unseen, and where the application
   * rules it out, nothing is sent past it.
   */
  readonly isAllowed: () => boolean;
  readonly onSwapped: (track: ReceivedTrack) => void;
  /** Who is heard, while the server cannot know. */
  readonly onSpeakers: (peerIds: readonly string[]) => void;
}

/** What comes from the other one while the servers for ICE are asked for. */
const maxEarlySignals = 100;

interface Opening {
  readonly generation: number;
  readonly peerId: string;
  readonly early: DirectSignal[];
}

/** What a join says of it: nothing where the platform has no connections or the application rules it out. */
export function directCapability(wanted = true): { directCapable?: true } {
  return wanted && typeof RTCPeerConnection === 'function' ? { directCapable: true } : {};
}

/** The direct calls of one room, at most one at a time, as the server says. */
export class RoomDirect {
  readonly #parts: RoomDirectParts;
  #call: DirectCall | undefined;
  /** Being prepared. */
  #opening: Opening | undefined;
  /** Of the return to the server that was told last. */
  #serverGeneration = 0;
  /** A call that could carry something is over; the server is told when it has told to return there, which may be later. */
  #lifted: { readonly from: number; done: boolean } | undefined;

  constructor(parts: RoomDirectParts) {
    this.#parts = parts;
  }

  /** What is direct now, for those who measure; undefined: everything goes through the server. */
  get current(): Pick<DirectCall, 'getStats'> | undefined {
    return this.#call?.isDirect ? this.#call : undefined;
  }

  modeIs(mode: MediaMode): void {
    const { generation } = mode;
    if (mode.mode === 'sfu') this.#toServer(generation);
    else if (mode.mode === 'trying') this.#try(mode);
    else if (this.#call?.generation === generation) this.#call.start();
    // Told of something that is over here, as after a loss of the connection.
    else this.#report(generation, 'failed', 'not there any more');
  }

  receive(signal: DirectSignal): void {
    const { generation, kind, data } = signal;
    if (this.#opening?.generation === generation) {
      if (this.#opening.early.length < maxEarlySignals) this.#opening.early.push(signal);
    } else if (this.#call?.generation === generation) this.#call.receive(kind, data);
  }

  /** Tracks came, went, or were paused. */
  changed(): void {
    this.#call?.changed();
  }

  /** Who is not in the room any more hears and shows nothing more: a way back to the server would take them seconds. */
  peersLeft(peerIds: readonly string[]): void {
    if (this.#opening && peerIds.includes(this.#opening.peerId)) this.#opening = undefined;
    if (this.#call && peerIds.includes(this.#call.peerId)) this.#call.close();
  }

  /** What was open over the last network is over. */
  networkChanged(): void {
    this.#call?.leaveFor('another network');
  }

  /** The caller is another peer now, or has left. */
  reset(): void {
    // Of another room, whose generations begin anew.
    this.#lifted = undefined;
    this.#serverGeneration = 0;
    this.#end();
  }

  #end(): void {
    this.#opening = undefined;
    this.#call?.close();
    this.#call = undefined;
  }

  #toServer(generation: number): void {
    this.#opening = undefined;
    this.#serverGeneration = generation;
    this.#call?.lift();
    this.#sayLifted();
  }

  #try(mode: MediaMode): void {
    const { generation } = mode;
    if (this.#opening?.generation === generation) return;
    if (this.#call?.generation === generation) {
      this.#call.tellAgain();
      return;
    }
    this.#end();
    if (!this.#parts.isAllowed()) {
      this.#report(generation, 'failed', 'not allowed here');
      return;
    }
    const opening = { generation, peerId: mode.peerId, early: [] };
    this.#opening = opening;
    void this.#open(mode, opening);
  }

  async #open(mode: MediaMode, opening: Opening): Promise<void> {
    const { generation } = mode;
    let servers: { readonly iceServers: readonly IceServer[]; readonly relayOnly: boolean };
    try {
      servers = await this.#parts.calls.call('media.getIceServers', {});
    } catch {
      // The other one may still find a way to here.
      servers = { iceServers: [], relayOnly: false };
    }
    if (this.#opening !== opening) return;
    this.#opening = undefined;
    try {
      this.#call = this.#create(mode, servers);
    } catch {
      this.#report(generation, 'failed', 'no connection can be made');
      return;
    }
    for (const { kind, data } of opening.early) this.#call.receive(kind, data);
  }

  #create(mode: MediaMode, servers: Pick<ConstructorParameters<typeof DirectCall>[0], 'iceServers' | 'relayOnly'>) {
    const { send, receive, ownPeerId, onSwapped, onSpeakers } = this.#parts;
    const { generation } = mode;
    const call: DirectCall = new DirectCall({
      mode,
      ...servers,
      ownPeerId: ownPeerId(),
      sent: () => send.tracks.values(),
      received: () => receive.tracks.values(),
      serverStats: async () => (await receive.path.current?.transport.getStats()) ?? new Map(),
      signal: (kind, data) => this.#signal(generation, kind, data),
      report: (outcome, detail) => {
        if (outcome === 'connected') this.#lifted = { from: generation, done: false };
        this.#report(generation, outcome, detail);
      },
      onLifted: () => this.#isLifted(generation),
      onSwapped,
      onSpeakers,
      onEnded: () => {
        this.#isLifted(generation);
        if (this.#call === call) this.#call = undefined;
      },
    });
    return call;
  }

  #isLifted(generation: number): void {
    if (this.#lifted?.from === generation) this.#lifted.done = true;
    this.#sayLifted();
  }

  #sayLifted(): void {
    const { from, done } = this.#lifted ?? { from: 0, done: false };
    if (!done || this.#serverGeneration <= from) return;
    this.#lifted = undefined;
    this.#report(this.#serverGeneration, 'lifted', '');
  }

  #signal(generation: number, kind: SignalKind, data: string): void {
    this.#parts.calls.call('direct.signal', { generation, kind, data }).catch(() => {
      // Without a connection to the server, or of a try that is over there: its time runs out.
    });
  }

  #report(generation: number, outcome: DirectReport['outcome'], detail: string): void {
    this.#parts.calls.call('direct.report', { generation, outcome, detail }).catch(() => {
      // Told again when the connection is back, as far as it still matters: see modeIs.
    });
  }
}
