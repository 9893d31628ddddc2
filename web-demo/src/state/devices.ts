// Which cameras, microphones and speakers this machine has.

import { type ReadonlySignal, signal } from '@preact/signals';

export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

export interface DeviceLists {
  readonly cameras: readonly DeviceChoice[];
  readonly microphones: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
}

export interface Devices {
  readonly lists: ReadonlySignal<DeviceLists>;
  /** Browsers tell names only after a device was allowed: ask again then. */
  refresh(): Promise<void>;
}

/** Whether sound can be sent to a speaker of choice (Chromium, Firefox; Safari follows the system). */
export const canChooseSpeaker = typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;

export function createDevices(mediaDevices: MediaDevices | undefined): Devices {
  const lists = signal<DeviceLists>({ cameras: [], microphones: [], speakers: [] });
  const refresh = async (): Promise<void> => {
    // A browser may refuse to list anything: then there is nothing to choose from, and the defaults are used.
    const found = (await mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    lists.value = {
      cameras: choices(found, 'videoinput', 'Camera'),
      microphones: choices(found, 'audioinput', 'Microphone'),
      speakers: canChooseSpeaker ? choices(found, 'audiooutput', 'Speaker') : [],
    };
  };
  mediaDevices?.addEventListener('devicechange', () => void refresh());
  void refresh();
  return { lists, refresh };
}

function choices(found: readonly MediaDeviceInfo[], kind: MediaDeviceKind, word: string): DeviceChoice[] {
  return found
    .filter((device) => device.kind === kind && device.deviceId !== '')
    .map((device, index) => ({ id: device.deviceId, label: device.label || `${word} ${index + 1}` }));
}
