// Tracks to send from Node: a tone and a moving picture, made by hand as there is no microphone and no camera.

import wrtc from '@roamhq/wrtc';

export interface MadeTrack {
  /** For mediasoup-client's `produce`. */
  readonly track: ReturnType<InstanceType<typeof wrtc.nonstandard.RTCAudioSource>['createTrack']>;
  stop(): void;
}

const sampleRate = 48_000;
const samplesPerBuffer = sampleRate / 100;

/** A sine at a fifth of full scale, in buffers of 10 ms as libwebrtc wants them. `level` 0 is silence. */
export function createTone({ frequencyHz = 440, level = 0.2 } = {}): MadeTrack {
  const source = new wrtc.nonstandard.RTCAudioSource();
  const track = source.createTrack();
  let position = 0;
  let sentBuffers = 0;
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    // Timers are late now and then; what is owed is sent at once, so that the rate stays true.
    const dueBuffers = Math.min(Math.floor((performance.now() - startedAtMs) / 10), sentBuffers + 20);
    for (; sentBuffers < dueBuffers; sentBuffers += 1) {
      const samples = new Int16Array(samplesPerBuffer);
      for (let index = 0; index < samplesPerBuffer; index += 1, position += 1) {
        samples[index] = Math.sin((2 * Math.PI * frequencyHz * position) / sampleRate) * level * 0x7fff;
      }
      source.onData({
        samples,
        sampleRate,
        bitsPerSample: 16,
        channelCount: 1,
        numberOfFrames: samplesPerBuffer,
      });
    }
  }, 10);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}

/** A grey picture whose brightness changes with each frame. */
export function createPicture({ width = 160, height = 120, framesPerSecond = 15 } = {}): MadeTrack {
  const source = new wrtc.nonstandard.RTCVideoSource();
  const track = source.createTrack();
  // I420: a byte of brightness for each pixel, then two of colour for each four.
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  let frame = 0;
  const timer = setInterval(() => {
    frame += 1;
    data.fill((frame * 8) % 256, 0, width * height);
    source.onFrame({ width, height, data });
  }, 1000 / framesPerSecond);
  return {
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}
