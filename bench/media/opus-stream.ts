// The RTP of somebody who speaks, packet for packet as a browser sends Opus: 50 a second, with the header extensions that
// make the server work as in a call (audio level for the active speaker, sequence numbers for bandwidth estimation).

export const packetIntervalMs = 20;

const payloadType = 111;
const payloadBytes = 80;
const samplesPerPacket = 960;
const extensionIds = { mid: 1, absSendTime: 4, transportSequence: 5, audioLevel: 10 } as const;
/** RFC 6464: loud enough for an active speaker. */
const voiceDbov = -30;

/** What Chrome says of its Opus encoder, which is what mediasoup-client gives to the server. */
export const opusCodec = {
  mimeType: 'audio/opus' as const,
  clockRate: 48_000,
  channels: 2,
  parameters: { minptime: 10, useinbandfec: 1 },
  rtcpFeedback: [{ type: 'transport-cc', parameter: '' }],
};

const headerExtensions = [
  { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' as const, id: extensionIds.mid },
  { uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time' as const, id: extensionIds.absSendTime },
  {
    uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01' as const,
    id: extensionIds.transportSequence,
  },
  { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' as const, id: extensionIds.audioLevel },
].map((extension) => ({ ...extension, encrypt: false, parameters: {} }));

/** What a browser would say when it produces `createOpusStream({ ssrc })`. */
export function opusRtpParameters(ssrc: number) {
  return {
    mid: '0',
    codecs: [{ ...opusCodec, payloadType }],
    headerExtensions,
    encodings: [{ ssrc }],
    rtcp: { cname: `caller-${ssrc}`, reducedSize: true },
  };
}

export interface OpusStream {
  /**
   * The next packet, as loud as voice unless said otherwise; `mark` stands in the payload for whoever receives it. The buffer
   * is the stream's own: the caller sends it before it asks for another.
   */
  next(options?: { readonly levelDbov?: number; readonly mark?: number }): Buffer;
}

/** What a packet that was received was marked with; 0: nothing. */
export function markOf(packet: Buffer): number {
  const first = packet.readUInt8(0);
  const extension = 12 + 4 * (first & 0x0f);
  const payload = (first & 0x10) === 0 ? extension : extension + 4 + 4 * packet.readUInt16BE(extension + 2);
  return packet.readUInt32BE(payload);
}

/**
 * Its sequence numbers go on for as long as it lives: after a jump of more than 2^15 on one SSRC receivers lose the
 * SRTP index (RFC 3711 section 3.3.1), and a stream that pauses must not look like that.
 */
export function createOpusStream({ ssrc }: { ssrc: number }): OpusStream {
  const headerBytes = 12 + 4 + 12;
  const packet = Buffer.alloc(headerBytes + payloadBytes, 0x5a);
  packet.writeUInt16BE(0x9000 | payloadType, 0);
  packet.writeUInt32BE(ssrc, 8);
  // RFC 8285 section 4.2: one-byte headers, three words of extensions.
  packet.writeUInt32BE(0xbede_0003, 12);
  packet.writeUInt16BE((extensionIds.mid << 12) | '0'.charCodeAt(0), 16);
  packet.writeUInt8((extensionIds.absSendTime << 4) | 2, 18);
  packet.writeUInt8((extensionIds.transportSequence << 4) | 1, 22);
  packet.writeUInt8(extensionIds.audioLevel << 4, 25);
  packet.writeUInt8(0, 27);
  let sequence = ssrc & 0x7fff;
  let timestamp = ssrc;
  return {
    next({ levelDbov = voiceDbov, mark = 0 } = {}) {
      sequence = (sequence + 1) & 0xffff;
      timestamp = (timestamp + samplesPerPacket) >>> 0;
      packet.writeUInt16BE(sequence, 2);
      packet.writeUInt32BE(timestamp, 4);
      // Seconds modulo 64 with 18 bits of fraction.
      packet.writeUIntBE(Math.trunc((performance.now() / 1000) * 2 ** 18) & 0xff_ffff, 19, 3);
      packet.writeUInt16BE(sequence, 23);
      packet.writeUInt8(0x80 | -levelDbov, 26);
      packet.writeUInt32BE(mark, headerBytes);
      return packet;
    },
  };
}
