// What the camera and the microphone capture is what the room gets: one direction, always the latest state.

import { ParleyError, type Room, type Unsubscribe } from '@parley/client';
import { effect } from '@preact/signals';
import { explainDevice } from '../errors/explain-device.ts';
import { explainBriefly } from '../errors/explain-error.ts';
import type { Capture, CaptureKind, CaptureState } from './capture.ts';
import { latestOnly } from './latest-only.ts';
import type { Notices } from './notices.ts';

export interface Publishing {
  close(): void;
}

export function createPublishing(room: Room, capture: Capture, notices: Notices): Publishing {
  const tellFailure = (kind: CaptureKind, state: CaptureState): void => {
    if (state.status !== 'failed') return;
    const { title, advice } = explainDevice(kind, state.error);
    notices.show(`${title}. ${advice}`, 'problem');
  };
  const failed = (kind: CaptureKind, error: unknown): void => {
    notices.show(explainBriefly(error), 'problem');
    if (kind === 'microphone' && isLocked(error)) capture.microphoneMuted.value = true;
    else capture.stop(kind);
  };
  const camera = latestOnly(() => publishCamera(room, capture).catch((error: unknown) => failed('camera', error)));
  const microphone = latestOnly(() =>
    publishMicrophone(room, capture).catch((error: unknown) => failed('microphone', error)),
  );
  const stops: Unsubscribe[] = [
    effect(() => {
      tellFailure('camera', capture.camera.value);
      camera();
    }),
    effect(() => {
      capture.microphoneMuted.value;
      microphone();
    }),
    effect(() => {
      tellFailure('microphone', capture.microphone.value);
      microphone();
    }),
    room.on('localTrackChanged', (local) => {
      if (local.source !== 'microphone' || !local.muted || capture.microphoneMuted.peek()) return;
      // The switch follows the moderator: to be heard again takes a press of it, never a moderator alone.
      capture.microphoneMuted.value = true;
      notices.show(local.locked ? 'A moderator muted you.' : 'A moderator muted you. Unmute yourself to speak.');
    }),
    room.on('localTrackChanged', (local) => {
      if (local.source === 'camera' && local.muted) notices.show('A moderator turned your camera off.');
    }),
    room.on('localTrackFailed', ({ track, error }) => {
      // A device that is gone is told by its capture.
      if (error.reason === 'TRACK_ENDED') return;
      if (track.source === 'camera' || track.source === 'microphone') failed(track.source, error);
    }),
  ];
  return {
    close() {
      for (const stop of stops) stop();
    },
  };
}

async function publishCamera(room: Room, capture: Capture): Promise<void> {
  const state = capture.camera.peek();
  // Between two cameras the producer stays: the next track takes the place of the last.
  if (state.status === 'starting') return;
  const local = room.localTracks.get('camera');
  if (state.status !== 'on') await local?.close();
  else if (local === undefined) await room.publish(state.track, { source: 'camera' });
  else if (local.track !== state.track) await local.replace(state.track);
}

async function publishMicrophone(room: Room, capture: Capture): Promise<void> {
  const state = capture.microphone.peek();
  const muted = capture.microphoneMuted.peek();
  if (state.status === 'starting') return;
  const local = room.localTracks.get('microphone');
  if (state.status !== 'on') return await local?.close();
  if (local === undefined) {
    await room.publish(state.track, { source: 'microphone', paused: muted });
    return;
  }
  if (local.track !== state.track) await local.replace(state.track);
  if (muted && !local.paused) await local.pause();
  if (!muted && (local.paused || local.muted)) await local.resume();
}

function isLocked(error: unknown): boolean {
  return error instanceof ParleyError && error.reason === 'PRODUCER_LOCKED';
}
