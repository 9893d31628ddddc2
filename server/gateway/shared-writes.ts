import type { Frame } from '../../core/event-message.ts';

/**
 * uWebSockets.js puts writes together in this many bytes, which all sockets share. What does not fit goes through a buffer of the
 * socket's own, which it keeps as large as it ever was; but a message that is larger by itself goes straight to the kernel.
 */
const sharedWriteBytes = 16 * 1024;
/** RFC 6455 section 5.2: at most ten bytes stand before a message of the server. */
const maxHeaderBytes = 10;

/** Behind the last of the frames from `start` that go into one write; at least one does. */
export function endOfWrite(frames: readonly Frame[], start: number): number {
  let bytes = 0;
  for (let index = start; index < frames.length; index++) {
    const frame = frames[index] as Frame;
    bytes += maxHeaderBytes + (typeof frame === 'string' ? Buffer.byteLength(frame) : frame.byteLength);
    if (bytes >= sharedWriteBytes) return Math.max(index, start + 1);
  }
  return frames.length;
}
