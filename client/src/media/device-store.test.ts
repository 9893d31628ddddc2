import { describe, expect, it } from 'vitest';
import { routerCapabilities } from '../../test/router-capabilities.ts';
import { createWrtcDevice } from '../../test/wrtc-device.ts';
import { DeviceStore } from './device-store.ts';

describe('a DeviceStore', () => {
  it('loads one device for one kind of router, however many ask', async () => {
    let made = 0;
    const store = new DeviceStore(() => {
      made += 1;
      return createWrtcDevice();
    });
    const [first, second] = await Promise.all([
      store.load(routerCapabilities),
      store.load(structuredClone(routerCapabilities)),
    ]);
    expect(first).toBe(second);
    expect(made).toBe(1);
    expect(first.canProduce('audio')).toBe(true);
    const audioOnly = { ...routerCapabilities, codecs: routerCapabilities.codecs.slice(0, 1) };
    expect((await store.load(audioOnly)).canProduce('video')).toBe(false);
  });

  it('tries again after a failure', async () => {
    let made = 0;
    const store = new DeviceStore(() => {
      made += 1;
      if (made === 1) throw new TypeError('Failed to fetch dynamically imported module');
      return createWrtcDevice();
    });
    await expect(store.load(routerCapabilities)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    expect((await store.load(routerCapabilities)).loaded).toBe(true);
  });

  it('of a platform without WebRTC says MEDIA_UNSUPPORTED', async () => {
    await expect(new DeviceStore().load(routerCapabilities)).rejects.toMatchObject({ reason: 'MEDIA_UNSUPPORTED' });
  });

  it('keeps the newest four', async () => {
    const store = new DeviceStore(createWrtcDevice);
    const variant = (payloadType: number) => ({
      ...routerCapabilities,
      codecs: routerCapabilities.codecs.slice(0, 1).map((codec) => ({ ...codec, preferredPayloadType: payloadType })),
    });
    const first = await store.load(variant(100));
    for (const payloadType of [101, 102, 103]) await store.load(variant(payloadType));
    expect(await store.load(variant(100))).toBe(first);
    await store.load(variant(104));
    expect(await store.load(variant(100))).not.toBe(first);
  });
});
