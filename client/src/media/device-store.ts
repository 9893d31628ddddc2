import type { types } from 'mediasoup-client';
import type { RtpCapabilities } from '../../../proto/gen/types.ts';
import { sdkError } from '../errors.ts';
import { toRtpCapabilities } from './rtp-shapes.ts';

export type MakeDevice = () => types.Device | Promise<types.Device>;

/** Rooms of one server have the same router capabilities; others come with another version of it. */
const maxDevices = 4;

/** Media devices by the router that they were loaded for: asking the platform what it can do takes a while. */
export class DeviceStore {
  readonly #make: MakeDevice;
  readonly #devices = new Map<string, Promise<types.Device>>();

  constructor(make: MakeDevice = detectDevice) {
    this.#make = make;
  }

  /**
   * @throws {ParleyError} by rejection: MEDIA_UNSUPPORTED where the platform has no WebRTC that is known, MEDIA_UNAVAILABLE
   * when the library did not load.
   */
  load(capabilities: RtpCapabilities): Promise<types.Device> {
    const key = JSON.stringify(capabilities);
    const known = this.#devices.get(key);
    if (known) return known;
    const device = this.#load(capabilities);
    this.#devices.set(key, device);
    // The code of the media library could not be fetched, perhaps: the next one may try again.
    device.catch(() => this.#devices.delete(key));
    const [oldest] = this.#devices.keys();
    if (this.#devices.size > maxDevices && oldest !== undefined) this.#devices.delete(oldest);
    return device;
  }

  async #load(capabilities: RtpCapabilities): Promise<types.Device> {
    try {
      const device = await this.#make();
      if (!device.loaded) await device.load({ routerRtpCapabilities: toRtpCapabilities(capabilities) });
      return device;
    } catch (error) {
      const isUnsupported = error instanceof Error && error.name === 'UnsupportedError';
      throw sdkError(isUnsupported ? 'MEDIA_UNSUPPORTED' : 'MEDIA_UNAVAILABLE', error);
    }
  }
}

/** Fetched when it is needed: who only chats never loads the media library. */
async function detectDevice(): Promise<types.Device> {
  const { Device } = await import('mediasoup-client');
  return Device.factory();
}
