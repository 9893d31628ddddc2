// The RTP of a picture in VP8 of about 1 Mbit/s (RFC 7741): frames that a reader finds whole, and no decoder wants.

const payloadType = 96;
const payloadBytes = 1_000;
const packetsPerFrame = 4;
/** 125 packets a second: 31 frames. */
export const vp8IntervalMs = 8;
const ticksPerFrame = 90 * vp8IntervalMs * packetsPerFrame;
/** About each second. */
const framesPerKeyFrame = 32;

export function vp8RtpParameters(ssrc: number) {
  return {
    mid: '0',
    codecs: [
      {
        mimeType: 'video/VP8' as const,
        payloadType,
        clockRate: 90_000,
        parameters: {},
        rtcpFeedback: [{ type: 'nack', parameter: 'pli' }],
      },
    ],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname: `caller-${ssrc}`, reducedSize: true },
  };
}

export interface RtpStream {
  /** The next packet. The buffer is the stream's own: the caller sends it before it asks for another. */
  next(): Buffer;
}

export function createVp8Stream({ ssrc }: { ssrc: number }): RtpStream {
  const packet = Buffer.alloc(12 + 1 + payloadBytes, 0x5a);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt32BE(ssrc, 8);
  let sequence = ssrc & 0x7fff;
  let sent = 0;
  return {
    next() {
      sequence = (sequence + 1) & 0xffff;
      const frame = Math.floor(sent / packetsPerFrame);
      const part = sent % packetsPerFrame;
      sent += 1;
      const isLast = part === packetsPerFrame - 1;
      packet.writeUInt8((isLast ? 0x80 : 0) | payloadType, 1);
      packet.writeUInt16BE(sequence, 2);
      packet.writeUInt32BE((frame * ticksPerFrame) >>> 0, 4);
      // Section 4.2: the start of a partition, and nothing else.
      packet.writeUInt8(part === 0 ? 0x10 : 0, 12);
      packet.fill(0x5a, 13, 23);
      if (part === 0) writeFrameTag(packet.subarray(13), frame % framesPerKeyFrame === 0);
      return packet;
    },
  };
}

/** RFC 6386 section 9.1: shown, with a first partition of some size; of a key frame its start code and 640×360 too. */
function writeFrameTag(frame: Buffer, isKey: boolean): void {
  const firstPartitionBytes = 500;
  frame.writeUIntLE((isKey ? 0 : 1) | (1 << 4) | (firstPartitionBytes << 5), 0, 3);
  if (!isKey) return;
  frame.writeUIntBE(0x9d012a, 3, 3);
  frame.writeUInt16LE(640, 6);
  frame.writeUInt16LE(360, 8);
}
