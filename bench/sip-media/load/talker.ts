import type { Socket } from 'node:dgram';
import { RtpSender } from '../../../media/mixer/rtp/rtp-sender.ts';
import { SendBuffers } from '../../../media/mixer/thread/send-buffers.ts';
import type { RtpCaller } from '../../media/rtp-caller.ts';
import { type BenchCodec, formats, host, levelId } from '../formats.ts';
import type { Frame, Voice } from './voices.ts';

/** What packets go out by: a phone's socket, or a browser's transport. */
export type Outlet = { readonly socket: Socket; readonly port: number } | { readonly caller: RtpCaller };

interface TalkerParts {
  readonly outlet: Outlet;
  readonly codec: BenchCodec;
  readonly ssrc: number | undefined;
  /** Browsers, and whoever stands for one, tell how loud each packet is. */
  readonly tellsLevel: boolean;
  readonly voice: Voice;
  readonly onSent: ((frame: Frame, nowMs: number) => void) | undefined;
}

const buffers = new SendBuffers();

/** One stream of RTP, a packet at a time. */
export class Talker {
  readonly #parts: TalkerParts;
  readonly #sender: RtpSender;

  constructor(parts: TalkerParts) {
    this.#parts = parts;
    this.#sender = new RtpSender(parts.ssrc === undefined ? {} : { ssrc: parts.ssrc });
  }

  send(): void {
    const { outlet, codec, tellsLevel, voice, onSent } = this.#parts;
    const frame = voice.next();
    const nowMs = performance.now();
    const buffer = buffers.take();
    const level = { id: levelId, dbov: frame.dbov };
    const packet = { ...formats[codec], payload: frame.payload, ...(tellsLevel && { level }) };
    const length = this.#sender.write(buffer, packet, nowMs);
    if ('caller' in outlet) outlet.caller.send(buffer.subarray(0, length));
    else outlet.socket.send(buffer, 0, length, outlet.port, host);
    onSent?.(frame, nowMs);
  }
}
