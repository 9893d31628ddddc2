// The camera and the microphone of this page, from the preview in the lobby to the end of the call.

import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { DeviceError } from '../errors/explain-device.ts';
import type { Devices } from './devices.ts';
import type { PreferenceStore } from './preferences.ts';

export type CaptureKind = 'camera' | 'microphone';

export type CaptureState =
  | { readonly status: 'off' | 'starting' }
  | { readonly status: 'on'; readonly track: MediaStreamTrack }
  | { readonly status: 'failed'; readonly error: unknown };

export interface Capture {
  readonly camera: ReadonlySignal<CaptureState>;
  readonly microphone: ReadonlySignal<CaptureState>;
  /** The microphone stays open while muted, so that speaking again takes no time. */
  readonly microphoneMuted: Signal<boolean>;
  /** Asks for all of them at once: one question of the browser. Never throws; a failure is a state. */
  start(kinds: readonly CaptureKind[]): Promise<void>;
  stop(kind: CaptureKind): void;
  /** Takes another device, now if one is open, else the next time. */
  choose(kind: CaptureKind, deviceId: string): Promise<void>;
  close(): void;
}

interface CaptureOptions {
  readonly mediaDevices: MediaDevices | undefined;
  readonly preferences: PreferenceStore;
  readonly devices: Devices;
}

const off: CaptureState = { status: 'off' };

export function createCapture({ mediaDevices, preferences, devices }: CaptureOptions): Capture {
  const states = { camera: signal(off), microphone: signal(off) };
  const microphoneMuted = signal(!preferences.current.peek().microphoneOn);
  // A start that is overtaken by a stop or by another start must not win: its number is no longer the current one.
  const attempts = { camera: 0, microphone: 0 };

  const release = (kind: CaptureKind): void => {
    const state = states[kind].peek();
    if (state.status === 'on') state.track.stop();
  };

  const settle = (kind: CaptureKind, attempt: number, state: CaptureState): void => {
    if (attempts[kind] !== attempt) {
      if (state.status === 'on') state.track.stop();
      return;
    }
    states[kind].value = state;
    if (state.status !== 'on') return;
    state.track.addEventListener('ended', () => {
      if (attempts[kind] === attempt) states[kind].value = { status: 'failed', error: new DeviceError('ended') };
    });
  };

  const start = async (kinds: readonly CaptureKind[]): Promise<void> => {
    const begun = kinds.map((kind) => {
      release(kind);
      attempts[kind] += 1;
      return { kind, attempt: attempts[kind] };
    });
    batch(() => {
      for (const { kind } of begun) states[kind].value = { status: 'starting' };
    });
    const got = await acquireTogether(mediaDevices, kinds, preferences);
    for (const { kind, attempt } of begun) settle(kind, attempt, got[kind] ?? off);
    await devices.refresh();
  };

  const stop = (kind: CaptureKind): void => {
    attempts[kind] += 1;
    release(kind);
    states[kind].value = off;
  };

  return {
    camera: states.camera,
    microphone: states.microphone,
    microphoneMuted,
    start,
    stop,
    async choose(kind, deviceId) {
      preferences.update(kind === 'camera' ? { cameraId: deviceId } : { microphoneId: deviceId });
      if (states[kind].peek().status !== 'off') await start([kind]);
    },
    close() {
      stop('camera');
      stop('microphone');
    },
  };
}

type Acquired = Partial<Record<CaptureKind, CaptureState>>;

/** Both by one question; when that fails, each by its own, to know which of them it was and to keep the other. */
async function acquireTogether(
  mediaDevices: MediaDevices | undefined,
  kinds: readonly CaptureKind[],
  preferences: PreferenceStore,
): Promise<Acquired> {
  const together = await acquire(mediaDevices, kinds, preferences);
  const failed = kinds.some((kind) => together[kind]?.status !== 'on');
  if (!failed || kinds.length < 2) return together;
  for (const state of Object.values(together)) if (state.status === 'on') state.track.stop();
  let apart: Acquired = {};
  for (const kind of kinds) apart = { ...apart, ...(await acquire(mediaDevices, [kind], preferences)) };
  return apart;
}

async function acquire(
  mediaDevices: MediaDevices | undefined,
  kinds: readonly CaptureKind[],
  preferences: PreferenceStore,
): Promise<Acquired> {
  const failed = (error: unknown): Acquired =>
    Object.fromEntries(kinds.map((kind) => [kind, { status: 'failed', error }]));
  if (mediaDevices === undefined) {
    return failed(new DeviceError(window.isSecureContext ? 'no-devices-api' : 'insecure-context'));
  }
  const { cameraId, microphoneId } = preferences.current.peek();
  try {
    const stream = await mediaDevices.getUserMedia({
      video: kinds.includes('camera') && {
        ...preferring(cameraId),
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
      audio: kinds.includes('microphone') && {
        ...preferring(microphoneId),
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
      },
    });
    const states: Acquired = {};
    for (const kind of kinds) {
      const track = (kind === 'camera' ? stream.getVideoTracks() : stream.getAudioTracks())[0];
      states[kind] = track === undefined ? off : { status: 'on', track };
    }
    return states;
  } catch (error) {
    return failed(error);
  }
}

/** `ideal`, because a remembered device may be unplugged today: any other is better than none. */
function preferring(deviceId: string): MediaTrackConstraints {
  return deviceId === '' ? {} : { deviceId: { ideal: deviceId } };
}
