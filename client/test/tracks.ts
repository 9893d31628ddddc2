// Tracks for tests, as an application has them of its devices.

import { createPicture, createTone, type MadeTrack } from '../../test/support/wrtc-tracks.ts';

export interface TestTrack extends Disposable {
  readonly track: MediaStreamTrack;
}

export function createToneTrack(options?: Parameters<typeof createTone>[0]): TestTrack {
  return toTestTrack(createTone(options));
}

export function createPictureTrack({ width = 160, height = 120, framesPerSecond = 15 } = {}): TestTrack {
  const made = toTestTrack(createPicture({ width, height, framesPerSecond }));
  // The library says the same of every track, whatever its size.
  Object.defineProperty(made.track, 'getSettings', { value: () => ({ width, height }) });
  return made;
}

/** The library's types say nothing of the browser's, which it implements. */
function toTestTrack({ track, stop }: MadeTrack): TestTrack {
  return { track: track as unknown as MediaStreamTrack, [Symbol.dispose]: stop };
}
