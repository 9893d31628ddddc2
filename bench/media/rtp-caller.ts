// A caller of few milliseconds and 200 kB: real ICE, DTLS and SRTP by libdatachannel, raw RTP in and out, no codec.

import { Audio, PeerConnection } from 'node-datachannel';
import { withDeadline } from '../support/deadline.ts';

/** What a server says of its end of a transport: mediasoup's shapes, which are also Parley's. */
export interface RemoteTransport {
  readonly iceParameters: { readonly usernameFragment: string; readonly password: string };
  readonly iceCandidates: readonly {
    readonly foundation: string;
    readonly priority: number;
    readonly address: string;
    readonly protocol: string;
    readonly port: number;
  }[];
  readonly dtlsParameters: { readonly fingerprints: readonly Fingerprint[] };
}

interface Fingerprint {
  readonly algorithm: string;
  readonly value: string;
}

/** A caller's own end. */
export interface LocalDtls {
  role: 'client';
  fingerprints: { algorithm: 'sha-256'; value: string }[];
}

export interface RtpCaller {
  readonly dtlsParameters: LocalDtls;
  /** Resolves when RTP can flow. @throws {Error} when that took more than 20 s. */
  connect(remote: RemoteTransport): Promise<void>;
  send(packet: Buffer): void;
  close(): void;
}

const connectTimeoutMs = 20_000;

/** `onRtp` is called for each packet of any SSRC that arrives, RTCP left out. */
export function createRtpCaller({ ssrc, onRtp }: { ssrc: number; onRtp: (packet: Buffer) => void }): RtpCaller {
  const connection = new PeerConnection(`caller-${ssrc}`, {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableAutoNegotiation: true,
    forceMediaTransport: true,
  });
  const audio = new Audio('0', 'SendRecv');
  audio.addOpusCodec(111);
  audio.addSSRC(ssrc, `caller-${ssrc}`);
  // With one media section every SSRC that comes goes to its track, so one stands for all that a transport carries.
  const track = connection.addTrack(audio);
  track.onMessage((packet) => {
    if (!isRtcp(packet)) onRtp(packet);
  });
  connection.setLocalDescription('offer');
  const value = /^a=fingerprint:sha-256 (\S+)/m.exec(connection.localDescription()?.sdp ?? '')?.[1];
  if (value === undefined) throw new Error('The offer of libdatachannel has no SHA-256 fingerprint.');

  return {
    dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] },
    connect(remote) {
      const open = new Promise<void>((resolve, reject) => {
        track.onOpen(resolve);
        connection.onStateChange((state) => {
          if (state === 'failed' || state === 'closed') reject(new Error(`The connection is ${state}.`));
        });
      });
      connection.setRemoteDescription(toAnswer(remote), 'answer');
      return withDeadline(open, connectTimeoutMs, 'ICE and DTLS');
    },
    send: (packet) => void track.sendMessageBinary(packet),
    close: () => connection.close(),
  };
}

/** RFC 5761 section 4: payload types 72 to 76 of RTP are RTCP. */
function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** The server's end as an SDP answer, for mediasoup speaks no SDP: ICE lite, and the caller starts DTLS. */
function toAnswer({ iceParameters, iceCandidates, dtlsParameters }: RemoteTransport): string {
  const fingerprint = dtlsParameters.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  const candidate = iceCandidates.find(({ protocol }) => protocol === 'udp');
  if (fingerprint === undefined || candidate === undefined) {
    throw new Error('The transport has no SHA-256 fingerprint or no UDP candidate.');
  }
  const { foundation, priority, address, port } = candidate;
  return [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=ice-lite',
    'a=group:BUNDLE 0',
    'm=audio 9 UDP/TLS/RTP/SAVPF 111',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:111 opus/48000/2',
    'a=setup:passive',
    `a=ice-ufrag:${iceParameters.usernameFragment}`,
    `a=ice-pwd:${iceParameters.password}`,
    `a=fingerprint:sha-256 ${fingerprint.value}`,
    `a=candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ host`,
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}
