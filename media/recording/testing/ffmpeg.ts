// Somebody else's software, on both ends: it sends RTP as it sees fit, and says what it thinks of the files.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { findFreePort } from '../../../test/support/free-port.ts';
import type { RecordedCodec } from '../depacketize/create-depacketizer.ts';
import type { TrackPlan } from '../recorder-protocol.ts';

const run = promisify(execFile);

const tone = ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000'];
const picture = ['-f', 'lavfi', '-i', 'testsrc=size=320x240:rate=15', '-pix_fmt', 'yuv420p'];
/** The ffmpeg of Debian 12 writes AV1 into files, and not into RTP. */
export type SentCodec = Exclude<RecordedCodec, 'av1'>;

const encoders: Readonly<Record<SentCodec, readonly string[]>> = {
  opus: [...tone, '-ac', '2', '-c:a', 'libopus'],
  pcmu: [...tone, '-ac', '1', '-ar', '8000', '-c:a', 'pcm_mulaw'],
  pcma: [...tone, '-ac', '1', '-ar', '8000', '-c:a', 'pcm_alaw'],
  g722: [...tone, '-ac', '1', '-ar', '16000', '-c:a', 'g722'],
  vp8: [
    ...picture,
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-lag-in-frames',
    '0',
    '-g',
    '15',
    '-b:v',
    '300k',
  ],
  vp9: [
    ...picture,
    '-c:v',
    'libvpx-vp9',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-lag-in-frames',
    '0',
    '-g',
    '15',
    '-strict',
    '-2',
  ],
  h264: [
    ...picture,
    '-c:v',
    'libx264',
    '-profile:v',
    'baseline',
    '-preset',
    'ultrafast',
    '-tune',
    'zerolatency',
    '-g',
    '15',
  ],
};
const clockRates: Readonly<Record<SentCodec, number>> = {
  opus: 48_000,
  pcmu: 8_000,
  pcma: 8_000,
  g722: 8_000,
  vp8: 90_000,
  vp9: 90_000,
  h264: 90_000,
};

export interface RtpSender extends AsyncDisposable {
  readonly plan: TrackPlan;
  /** Begins to send. */
  start(port: number): void;
  /** Resolves when it has sent all. */
  readonly done: Promise<unknown>;
}

let count = 0;

/** In real time. */
export async function createRtpSender(codec: SentCodec, { seconds = 4 } = {}): Promise<RtpSender> {
  const tapPort = await findFreePort();
  count += 1;
  const isVideo = clockRates[codec] === 90_000;
  const plan: TrackPlan = {
    ...{ trackId: `${count}-${codec}`, peerId: 'p_1', identity: 'ada', name: 'Ada', codec, tapPort },
    ...{ source: isVideo ? 'camera' : 'microphone', kind: isVideo ? ('video' as const) : ('audio' as const) },
    ...{ clockRate: clockRates[codec], channels: codec === 'opus' ? 2 : 1, ssrc: 1_000 + count, payloadType: 96 },
  };
  let child: ChildProcess | undefined;
  let settle = (_: unknown) => {};
  const done = new Promise((resolve) => {
    settle = resolve;
  });
  return {
    plan,
    done,
    start(port) {
      const target = `rtp://127.0.0.1:${port}?localrtpport=${tapPort}&pkt_size=1200`;
      const rtp = ['-f', 'rtp', '-payload_type', '96', '-ssrc', String(plan.ssrc), target];
      const args = ['-loglevel', 'error', '-re', ...encoders[codec], '-t', String(seconds), ...rtp];
      child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'inherit'] });
      void once(child, 'close').then(settle);
    },
    async [Symbol.asyncDispose]() {
      if (!child || child.exitCode !== null) return;
      child.kill('SIGKILL');
      await done;
    },
  };
}

/** A second of a moving picture of 320x240 in AV1: what each frame consists of, without sizes and delimiters. */
export async function encodeAv1(): Promise<Buffer[][]> {
  const coded = ['-c:v', 'libaom-av1', '-cpu-used', '8', '-usage', 'realtime', '-g', '10'];
  const args = ['-v', 'error', ...picture, '-t', '1', ...coded, '-f', 'obu', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  const frames: Buffer[][] = [];
  for (let at = 0; at < stdout.length; ) {
    const header = stdout.readUInt8(at);
    let [length, end] = [0, at + 1];
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7, end += 1) {
      byte = stdout.readUInt8(end);
      length |= (byte & 0x7f) << shift;
    }
    at = end + length;
    // A temporal delimiter begins each.
    if (header >> 3 === 2) frames.push([]);
    else frames.at(-1)?.push(Buffer.concat([Buffer.from([header & ~2]), stdout.subarray(end, at)]));
  }
  return frames;
}

export interface Probed {
  readonly codec: string;
  readonly packets: number;
  /** Where the last packet begins. */
  readonly lastSeconds: number;
  readonly width?: number;
  readonly height?: number;
  /** What is wrong with it, in the words of ffmpeg, decoding all of it. */
  readonly complaints: string;
}

export async function probe(path: string): Promise<Probed> {
  const { stdout } = await run('ffprobe', ['-v', 'quiet', '-of', 'json', '-show_streams', '-show_packets', path], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { streams, packets } = JSON.parse(stdout) as {
    streams: { codec_name: string; width?: number; height?: number }[];
    packets: { pts_time: string }[];
  };
  const [stream] = streams;
  const decoder = stream?.codec_name === 'vp9' ? ['-c:v', 'libvpx-vp9'] : [];
  // By the times in the file: in the slots of a frame rate two frames of a camera that stutters fall together.
  const asTimed = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const decoded = await run('ffmpeg', ['-v', 'error', ...decoder, '-i', path, ...asTimed, '-f', 'null', '-']);
  return {
    codec: stream?.codec_name ?? '',
    packets: packets.length,
    lastSeconds: Number(packets.at(-1)?.pts_time ?? 0),
    ...(stream?.width && { width: stream.width, height: stream.height ?? 0 }),
    complaints: decoded.stderr,
  };
}

/** Of each decoded picture. */
export async function frameSizes(path: string): Promise<{ readonly width: number; readonly atMs: number }[]> {
  const entries = ['-show_entries', 'frame=width,pts_time', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', ...entries, path], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const { frames } = JSON.parse(stdout) as { frames: { width: number; pts_time: string }[] };
  return frames.map(({ width, pts_time }) => ({ width, atMs: Number(pts_time) * 1000 }));
}

/** How much of a sound is a tone: the share of its energy that lies at the frequency (Goertzel). */
export async function toneShare(path: string, frequencyHz: number): Promise<number> {
  const args = ['-v', 'error', '-i', path, '-ac', '1', '-ar', '8000', '-f', 's16le', '-'];
  const { stdout } = await run('ffmpeg', args, { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  const window = 4_000;
  const shares: number[] = [];
  for (let from = 0; from + window <= samples.length; from += window) {
    const part = samples.subarray(from, from + window);
    const turn = 2 * Math.cos((2 * Math.PI * frequencyHz) / 8_000);
    let [one, two, energy] = [0, 0, 0];
    for (const sample of part) {
      [one, two] = [sample + turn * one - two, one];
      energy += sample * sample;
    }
    if (energy > 0) shares.push((2 * (one * one + two * two - turn * one * two)) / (window * energy));
  }
  return shares.sort((one, other) => one - other)[Math.floor(shares.length / 2)] ?? 0;
}
