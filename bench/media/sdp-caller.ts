// A caller like that of rtp-caller.ts, for servers that speak session descriptions.

import { Audio, PeerConnection } from 'node-datachannel';
import { withDeadline } from '../support/deadline.ts';

export interface SdpCaller {
  /** The offer or answer of this end, with all of its candidates. */
  readonly sdp: string;
  /** Takes the other end's answer, if this one offered; resolves when RTP can flow. */
  connect(answer?: string): Promise<void>;
  send(packet: Buffer): void;
  close(): void;
}

interface SdpCallerOptions {
  readonly ssrc: number;
  readonly address: string;
  readonly onRtp: (packet: Buffer) => void;
}

const connectTimeoutMs = 15_000;

/** Sends. */
export async function offerSdp({ ssrc, address, onRtp }: SdpCallerOptions): Promise<SdpCaller> {
  const connection = open(ssrc, address);
  const audio = new Audio('0', 'SendOnly');
  audio.addOpusCodec(111);
  audio.addSSRC(ssrc, `caller-${ssrc}`);
  const track = connection.addTrack(audio);
  track.onMessage(onRtp);
  const gathered = gathering(connection);
  connection.setLocalDescription('offer');
  await gathered;
  return {
    sdp: connection.localDescription()?.sdp ?? '',
    async connect(answer = '') {
      const connected = connecting(connection);
      connection.setRemoteDescription(answer, 'answer');
      await connected;
    },
    send: (packet) => void track.sendMessageBinary(packet),
    close: () => connection.close(),
  };
}

/** Receives what the other end offers. */
export async function answerSdp(offer: string, { ssrc, address, onRtp }: SdpCallerOptions): Promise<SdpCaller> {
  const connection = open(ssrc, address);
  // Held: a track that nobody holds is closed with its last reference.
  const tracks: unknown[] = [];
  connection.onTrack((track) => {
    tracks.push(track);
    track.onMessage((packet) => {
      // RFC 5761 section 4.
      const type = packet[1] ?? 0;
      if (type < 192 || type > 223) onRtp(packet);
    });
  });
  const connected = connecting(connection);
  connected.catch(() => {});
  const gathered = gathering(connection);
  connection.setRemoteDescription(offer, 'offer');
  await gathered;
  return {
    sdp: connection.localDescription()?.sdp ?? '',
    connect: () => connected,
    send: () => {},
    close: () => {
      tracks.length = 0;
      connection.close();
    },
  };
}

function open(ssrc: number, address: string): PeerConnection {
  return new PeerConnection(`caller-${ssrc}`, { iceServers: [], bindAddress: address, forceMediaTransport: true });
}

function gathering(connection: PeerConnection): Promise<void> {
  const gathered = new Promise<void>((resolve) => {
    connection.onGatheringStateChange((state) => {
      if (state === 'complete') resolve();
    });
  });
  return withDeadline(gathered, connectTimeoutMs, 'Gathering candidates');
}

function connecting(connection: PeerConnection): Promise<void> {
  const connected = new Promise<void>((resolve, reject) => {
    connection.onStateChange((state) => {
      if (state === 'connected') resolve();
      if (state === 'failed' || state === 'closed') reject(new Error(`The connection is ${state}.`));
    });
  });
  return withDeadline(connected, connectTimeoutMs, 'ICE and DTLS');
}
