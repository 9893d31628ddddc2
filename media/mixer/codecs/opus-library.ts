// libopus as WebAssembly. Only the binary of @evan/opus is taken: its own front loads a native build where it can, and
// that one crashes the process when a thread ends. Nothing but the functions below is known of it.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What the binary exports, as opus.h has it. Pointers are places in `memory`. */
interface OpusFunctions {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(pointer: number): void;
  opus_decoder_get_size(channels: number): number;
  opus_decoder_init(decoder: number, sampleRate: number, channels: number): number;
  opus_decode(
    decoder: number,
    data: number,
    bytes: number,
    pcm: number,
    maxSamples: number,
    errorCorrection: number,
  ): number;
  opus_encoder_get_size(channels: number): number;
  opus_encoder_init(encoder: number, sampleRate: number, channels: number, application: number): number;
  opus_encode(encoder: number, pcm: number, samples: number, data: number, maxBytes: number): number;
  opus_encoder_ctl_set(encoder: number, request: number, value: number): number;
}

/** The types of Node.js do not have it. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
  validate(binary: Uint8Array): boolean;
};

/** 120 ms of frames of 20 ms, of at most 1275 bytes each (RFC 6716 section 3.4). What is longer is no voice. */
export const maxPacketBytes = 8192;
/** 120 ms at 48 kHz. */
const maxSamples = 5760;

/** The library with one place for a packet and one for samples, which all codecs of the thread use in turn. */
class OpusLibrary {
  readonly functions: OpusFunctions;
  readonly packetPointer: number;
  readonly pcmPointer: number;
  /** Views of these places. They move when the memory grows: never keep them. */
  packet = new Uint8Array(0);
  pcm = new Int16Array(0);

  constructor() {
    const noSystem = { fd_seek: () => 0, fd_write: () => 0, fd_close: () => 0, proc_exit: () => {} };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readBinary()), {
      wasi_snapshot_preview1: noSystem,
      env: { emscripten_notify_memory_growth: () => this.#look() },
    });
    this.functions = exports as unknown as OpusFunctions;
    this.packetPointer = this.functions.malloc(maxPacketBytes);
    this.pcmPointer = this.functions.malloc(maxSamples * Int16Array.BYTES_PER_ELEMENT);
    this.#look();
  }

  /** @throws {RangeError} where there is no more memory. */
  allocate(bytes: number): number {
    const pointer = this.functions.malloc(bytes);
    if (pointer === 0) throw new RangeError('no memory for another Opus codec');
    return pointer;
  }

  #look(): void {
    const { buffer } = this.functions.memory;
    this.packet = new Uint8Array(buffer, this.packetPointer, maxPacketBytes);
    this.pcm = new Int16Array(buffer, this.pcmPointer, maxSamples);
  }
}

/** Where the processor has vector instructions, they are used. */
function readBinary(): Uint8Array {
  const { resolve } = createRequire(import.meta.url);
  const vectors = readFileSync(resolve('@evan/opus/wasm/simd.wasm'));
  return WebAssembly.validate(vectors) ? vectors : readFileSync(resolve('@evan/opus/wasm/opus.wasm'));
}

let library: OpusLibrary | undefined;

/** The one of this thread. The first call compiles it, which takes some 5 ms: a thread with a clock asks at its start. */
export function opusLibrary(): OpusLibrary {
  library ??= new OpusLibrary();
  return library;
}
