// A client that has libwebrtc (by @roamhq/wrtc) and the protocol's JSON, and knows nothing of mediasoup: what a phone has.

import wrtc from '@roamhq/wrtc';
import type {
  EventName,
  Events,
  MethodName,
  Methods,
  RtpCapabilities,
  SdpOffered,
  SdpTrack,
} from '../../proto/gen/types.ts';
import { eventually } from './eventually.ts';
import { TestSocket } from './rpc-client.ts';
import type { RunningServer, TestClaims } from './start-server.ts';
import type { MadeTrack } from './wrtc-tracks.ts';

type Connection = InstanceType<typeof wrtc.RTCPeerConnection>;

export interface Flow {
  /** Of sounds and pictures together. */
  readonly packets: number;
  readonly framesDecoded: number;
  readonly soundEnergy: number;
}

/** What goes over the WebSocket. */
export class SdpCaller implements Disposable {
  readonly socket: TestSocket;
  readonly room: string;
  /** For clients that know mediasoup. */
  rtpCapabilities: RtpCapabilities = { codecs: [], headerExtensions: [] };
  #lastId = 0;

  private constructor(socket: TestSocket, room: string) {
    this.socket = socket;
    this.room = room;
  }

  static async join(server: RunningServer, room: string, claims: TestClaims): Promise<SdpCaller> {
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    const caller = new SdpCaller(socket, room);
    await caller.request('session.connect', { token: server.issueToken(claims) });
    caller.rtpCapabilities = (await caller.request('room.join', { room })).routerRtpCapabilities;
    return caller;
  }

  /** With the room. */
  call<Name extends MethodName>(
    method: Name,
    params: Omit<Methods[Name]['init'], 'room'>,
  ): Promise<Methods[Name]['response']> {
    return this.request(method, { room: this.room, ...params });
  }

  async request<Name extends MethodName>(method: Name, params: object): Promise<Methods[Name]['response']> {
    this.#lastId += 1;
    const { result, error } = await this.socket.call(this.#lastId, method, params);
    if (error) throw new Error(`${method}: ${error.data.reason} ${error.message}`);
    return result as unknown as Methods[Name]['response'];
  }

  of<Name extends EventName>(name: Name): Events[Name][] {
    const messages = this.socket.received as { method?: string; params?: Events[Name] }[];
    return messages.flatMap(({ method, params }) => (method === name && params ? [params] : []));
  }

  [Symbol.dispose](): void {
    this.socket.ws.terminate();
  }
}

/** A PeerConnection that sends. */
export class SdpSender implements Disposable {
  readonly connection: Connection = new wrtc.RTCPeerConnection();
  readonly #caller: SdpCaller;
  sessionId = '';
  tracks: readonly SdpTrack[] = [];

  constructor(caller: SdpCaller) {
    this.#caller = caller;
  }

  /** Sends these from now on, besides what it sends. */
  async send(...tracks: readonly MadeTrack[]): Promise<void> {
    for (const { track } of tracks) this.connection.addTrack(track, new wrtc.MediaStream([track]));
    await this.negotiate();
  }

  async negotiate(options: { iceRestart?: boolean } = {}): Promise<void> {
    const made = await this.connection.createOffer(options);
    await this.connection.setLocalDescription(made);
    const { sessionId } = this;
    const answered = await this.#caller.call('sdp.publish', { sessionId, offer: made.sdp ?? '' });
    this.sessionId = answered.sessionId;
    this.tracks = answered.tracks;
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answered.answer });
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}

/** A PeerConnection that receives all that there is, and answers every offer. */
export class SdpReceiver implements Disposable {
  readonly connection: Connection = new wrtc.RTCPeerConnection();
  readonly offers: Omit<SdpOffered, 'iceServers'>[] = [];
  /** What its next answers wait for. */
  held: Promise<void> = Promise.resolve();
  readonly #caller: SdpCaller;
  sessionId = '';
  #answering: Promise<void> = Promise.resolve();

  constructor(caller: SdpCaller) {
    this.#caller = caller;
    caller.socket.ws.on('message', (data: Buffer) => {
      const { method, params } = JSON.parse(data.toString());
      if (method === 'sdpOffer' && params.offered.sessionId === this.sessionId) void this.answer(params.offered);
    });
  }

  async subscribe({ data = false }: { data?: boolean } = {}): Promise<void> {
    const offered = await this.#caller.call('sdp.subscribe', { auto: true, data });
    this.sessionId = offered.sessionId;
    if (offered.offer !== '') await this.answer(offered);
  }

  answer(offered: Omit<SdpOffered, 'iceServers'>): Promise<void> {
    this.offers.push(offered);
    this.#answering = this.#answering.then(async () => {
      await this.connection.setRemoteDescription({ type: 'offer', sdp: offered.offer });
      const made = await this.connection.createAnswer();
      await this.connection.setLocalDescription(made);
      const { sessionId, version } = offered;
      await this.held;
      await this.#caller.call('sdp.answer', { sessionId, version, answer: made.sdp ?? '' });
    });
    return this.#answering;
  }

  async restartIce(): Promise<void> {
    await this.answer(await this.#caller.call('sdp.restartIce', { sessionId: this.sessionId }));
  }

  /** What has come so far. */
  async flow(): Promise<Flow> {
    const reports = [...(await this.connection.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
    const sum = (name: string) => reports.reduce((total, report) => total + Number(report[name] ?? 0), 0);
    return {
      packets: sum('packetsReceived'),
      framesDecoded: sum('framesDecoded'),
      soundEnergy: sum('totalAudioEnergy'),
    };
  }

  /** Waits until frames and sounds came that were not there yet. */
  async expectMore(what: string): Promise<void> {
    const before = await this.flow();
    await eventually(async () => {
      const now = await this.flow();
      return now.framesDecoded > before.framesDecoded + 5 && now.soundEnergy > before.soundEnergy;
    }, what);
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}
