// The only writer of containers. Both formats are written from the front to the back and never changed, so that a file is
// good up to where it ends, whenever that is.

import {
  type AudioCodec,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  StreamTarget,
  type StreamTargetChunk,
  type VideoCodec,
  WebMOutputFormat,
} from 'mediabunny';
import { AppendFile } from './append-file.ts';
import type { RecordedCodec } from './depacketize/create-depacketizer.ts';
import type { Frame } from './depacketize/frame.ts';

/** A format is written faster in one go than frame by frame: frames wait until they are flushed, or are so many bytes. */
const maxWaitingBytes = 64 * 1024;
/** With more than this not on the disk yet, frames are dropped: a disk that is too slow must not fill the memory. */
const maxPendingBytes = 8 * 1024 * 1024;
/** Of a picture that does not say it, or says what cannot be: what decodes it finds out, and the format has to say something. */
const usualSize = { width: 640, height: 480 };
const matroska: { readonly [Codec in RecordedCodec]: 'webm' | 'mkv' } = {
  opus: 'webm',
  vp8: 'webm',
  vp9: 'webm',
  av1: 'webm',
  h264: 'mkv',
  pcmu: 'mkv',
  pcma: 'mkv',
  g722: 'mkv',
};

/** WebM where it has the codec, otherwise Matroska, of which WebM is a part. */
export const extensionOf = (codec: RecordedCodec): 'webm' | 'mkv' => matroska[codec];

interface TrackFileOptions {
  readonly path: string;
  readonly codec: RecordedCodec;
  readonly channels: number;
  /** The disk takes no more. Told once. */
  readonly onFailed: (error: Error) => void;
  /** A frame cannot be written in this format, and so none after it. Told once. */
  readonly onBroken: (error: Error) => void;
}

export class TrackFile {
  readonly #file: AppendFile;
  readonly #codec: RecordedCodec;
  readonly #channels: number;
  readonly #output: Output;
  readonly #source: EncodedAudioPacketSource | EncodedVideoPacketSource;
  readonly #onBroken: (error: Error) => void;
  #hasBegun = false;
  /** Not given to the format yet. */
  #waiting: EncodedPacket[] = [];
  #waitingBytes = 0;
  #metadata: { readonly decoderConfig: object } | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #written: Promise<void>;
  #isBroken = false;

  constructor({ path, codec, channels, onFailed, onBroken }: TrackFileOptions) {
    this.#codec = codec;
    this.#channels = channels;
    this.#onBroken = onBroken;
    this.#file = new AppendFile(path, onFailed);
    const options = { appendOnly: true, minimumClusterDuration: 0.5 };
    this.#output = new Output({
      format: matroska[codec] === 'webm' ? new WebMOutputFormat(options) : new MkvOutputFormat(options),
      target: new StreamTarget(new WritableStream({ write: (chunk: StreamTargetChunk) => this.#append(chunk) })),
    });
    if (isVideo(codec)) {
      this.#source = new EncodedVideoPacketSource(codec === 'h264' ? 'avc' : (codec satisfies VideoCodec));
      this.#output.addVideoTrack(this.#source);
    } else {
      const inFile: AudioCodec = codec === 'opus' ? 'opus' : 'pcm-s16';
      this.#source = new EncodedAudioPacketSource(inFile);
      this.#output.addAudioTrack(this.#source);
    }
    this.#written = this.#output.start();
    this.#written.catch((error: Error) => this.#break(error));
  }

  /** What was given to the disk. */
  get bytes(): number {
    return this.#file.bytes;
  }

  /** False: the disk is behind, and frames are to be left out. */
  get takesMore(): boolean {
    return this.#file.pendingBytes < maxPendingBytes;
  }

  /**
   * Adds a frame at a time in milliseconds. The first of a picture must be a key frame. Times that would go back are put right
   * behind the one before. Answers the time that it has.
   */
  add(frame: Frame, atMs: number): number {
    const placedMs = Math.max(atMs, this.#lastMs + 1, 0);
    this.#lastMs = placedMs;
    if (!this.#hasBegun) this.#metadata = { decoderConfig: this.#describe(frame) };
    this.#hasBegun = true;
    // The memory is that of a packet that was read, which goes on being used.
    const data = new Uint8Array(frame.data);
    const durationMs = frame.durationMs ?? 0;
    this.#waiting.push(new EncodedPacket(data, frame.key ? 'key' : 'delta', placedMs / 1000, durationMs / 1000));
    this.#waitingBytes += data.length;
    if (this.#waitingBytes >= maxWaitingBytes) this.flush();
    return placedMs;
  }

  /** Writes what was added. What is not flushed is lost with the process: to be called every now and then. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const packets = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#written = this.#written.then(() => this.#mux(packets));
    this.#written.catch((error: Error) => this.#break(error));
  }

  async close(): Promise<void> {
    this.flush();
    try {
      await this.#written;
      await this.#output.finalize();
    } catch {
      // Told already; what there is is good.
    }
    await this.#file.close();
  }

  async #mux(packets: readonly EncodedPacket[]): Promise<void> {
    const metadata = this.#metadata;
    this.#metadata = undefined;
    const added = packets.map(async (packet, index) =>
      this.#source.add(packet, (index === 0 ? metadata : undefined) as never),
    );
    try {
      await Promise.all(added);
      // The stream between format and file hands on its last chunk after that, in the same turn.
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      this.#file.flush();
    }
  }

  #break(error: Error): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#onBroken(error);
  }

  #append({ data, position }: StreamTargetChunk): void {
    if (position !== this.#file.bytes) throw new Error(`a recording would be changed at ${position}`);
    this.#file.append(data);
  }

  #describe({ size, config }: Frame): object {
    const { width, height } = size && size.width > 0 && size.height > 0 ? size : usualSize;
    const coded = { codedWidth: width, codedHeight: height };
    switch (this.#codec) {
      case 'opus':
        return {
          codec: 'opus',
          numberOfChannels: this.#channels,
          sampleRate: 48_000,
          description: opusHead(this.#channels),
        };
      case 'pcmu':
      case 'pcma':
        return { codec: 'pcm-s16', numberOfChannels: 1, sampleRate: 8_000 };
      case 'g722':
        return { codec: 'pcm-s16', numberOfChannels: 1, sampleRate: 16_000 };
      case 'vp8':
        return { codec: 'vp8', ...coded };
      case 'vp9':
        // Profile 0, of no particular level, 8 bits.
        return { codec: 'vp09.00.10.08', ...coded };
      case 'h264':
        return { codec: config?.codec ?? 'avc1.42e01f', description: config?.description, ...coded };
      case 'av1':
        return { codec: config?.codec ?? 'av01.0.04M.08', ...coded };
    }
  }
}

export function isVideo(codec: RecordedCodec): codec is 'vp8' | 'vp9' | 'h264' | 'av1' {
  return codec === 'vp8' || codec === 'vp9' || codec === 'h264' || codec === 'av1';
}

/** RFC 7845 section 5.1. Nothing is skipped: the sound of a call begins in the middle. */
function opusHead(channels: number): Uint8Array {
  const head = Buffer.alloc(19);
  head.write('OpusHead');
  head.writeUInt8(1, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt32LE(48_000, 12);
  return head;
}
