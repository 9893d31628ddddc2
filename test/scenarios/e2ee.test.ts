// Rooms whose tracks are end-to-end encrypted, between browsers that have the SDK.

import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { FrameOpener } from '../../client/src/e2ee/frame-cipher.ts';
import type { FrameKind } from '../../client/src/e2ee/frame-format.ts';
import { importSecret, KeyRing } from '../../client/src/e2ee/frame-keys.ts';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { type SdkFiles, serveSdkPage } from '../support/sdk-bundle.ts';
import { type RunningServer, startServer, type TestClaims } from '../support/start-server.ts';

interface Received {
  readonly packets: number;
  readonly frames: number;
  readonly height: number;
  readonly energy: number;
}
interface Counts {
  readonly sealed: number;
  readonly opened: number;
  readonly keyMissing: number;
  readonly notAuthentic: number;
  readonly replayed: number;
}
interface JoinOptions {
  readonly name: string;
  readonly key?: readonly number[];
  readonly demand?: boolean;
  readonly tap?: boolean;
  readonly without?: boolean;
}

const key = Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256);
const nextKey = key.toReversed();
const otherKey = key.map((byte) => byte ^ 0x55);
const deadlineMs = 60_000;
/** Statistics cost both processes a lot: asked without a break, they slow down the media that is waited for. */
const intervalMs = 50;

describe.skipIf(!requireOrSkip('browser') || !requireOrSkip('mediasoup'))(
  'an encrypted room',
  { timeout: 180_000 },
  () => {
    let server: RunningServer;
    let browser: TestBrowser;
    let sdk: SdkFiles;

    beforeAll(async () => {
      [browser, sdk] = await Promise.all([startBrowser(), serveSdkPage('e2ee-page.js')]);
      server = await startServer({ gateway: { allowedOrigins: ['*'] }, recording: { enabled: true, minFreeBytes: 0 } });
    }, 120_000);
    afterEach(() => browser.closePages());
    afterAll(async () => {
      await browser?.close();
      await sdk?.[Symbol.asyncDispose]();
      await server?.close();
    });

    const ask = <Answer>(page: Page, method: string, ...args: unknown[]): Promise<Answer> =>
      page.evaluate<Answer>(`e2eePeer.${method}(...${JSON.stringify(args)})`);

    async function open({ script }: { script?: string } = {}): Promise<Page> {
      const page = await browser.openPage('about:blank');
      if (script !== undefined) await page.addInitScript(script);
      await page.goto(sdk.url);
      await page.waitForFunction('globalThis.e2eePeer !== undefined');
      return page;
    }

    const toJoin = ({ name, ...options }: JoinOptions, claims: TestClaims) => ({
      url: server.wsUrl,
      token: server.issueToken(claims),
      name,
      ...options,
    });

    async function enter(identity: string, options: JoinOptions, script?: string): Promise<{ page: Page; id: string }> {
      const page = await open(script === undefined ? {} : { script });
      return { page, id: await ask<string>(page, 'join', toJoin(options, { identity })) };
    }

    async function receives(page: Page, peerId: string, source: string): Promise<Received> {
      const tracks = await ask<Record<string, Received>>(page, 'received');
      return tracks[`${peerId} ${source}`] ?? { packets: 0, frames: 0, height: 0, energy: 0 };
    }

    async function moves(page: Page, peerId: string, source = 'camera'): Promise<void> {
      const first = await receives(page, peerId, source);
      await eventually(
        async () => {
          const { frames, energy } = await receives(page, peerId, source);
          return source === 'microphone' ? energy > first.energy + 0.001 : frames > first.frames + 5;
        },
        `the ${source} of ${peerId} goes on`,
        deadlineMs,
        intervalMs,
      );
    }

    /** Waits until nothing of the camera came for two seconds. */
    async function pauses(page: Page, peerId: string): Promise<void> {
      let last = -1;
      let sinceMs = performance.now();
      await eventually(
        async () => {
          const { packets } = await receives(page, peerId, 'camera');
          if (packets !== last) sinceMs = performance.now();
          last = packets;
          return performance.now() - sinceMs > 2_000;
        },
        `the camera of ${peerId} pauses`,
        deadlineMs,
        intervalMs,
      );
    }

    test('shows and plays to who has the key, and tells who has another one; with the right one it sees', async () => {
      const name = 'three';
      const [ada, bob, eve] = await Promise.all([
        enter('ada', { name, key }),
        enter('bob', { name, key }),
        enter('eve', { name, key: otherKey }),
      ]);
      for (const { page } of [ada, bob]) {
        for (const source of ['microphone', 'camera']) await ask(page, 'publish', source);
      }
      const ways = ['microphone', 'camera'].flatMap((source) => [
        moves(bob.page, ada.id, source),
        moves(ada.page, bob.id, source),
      ]);
      await Promise.all(ways);
      expect(await ask<number>(bob.page, 'stripes', 'camera')).toBeGreaterThan(0.9);
      const toldOf = async (id: string) =>
        (await ask<{ peerId: string; problem?: string }[]>(eve.page, 'told')).filter(({ peerId }) => peerId === id);
      await eventually(async () => (await toldOf(ada.id)).length > 0, 'eve is told of ada', deadlineMs);
      await eventually(async () => (await toldOf(bob.id)).length > 0, 'eve is told of bob', deadlineMs);
      const seen = await receives(eve.page, ada.id, 'camera');
      expect(seen).toMatchObject({ frames: 0 });
      expect(seen.packets).toBeGreaterThan(0);
      expect(await receives(eve.page, ada.id, 'microphone')).toMatchObject({ energy: 0 });
      expect(await ask<Counts>(eve.page, 'counts')).toMatchObject({ opened: 0 });
      expect(await ask<Counts>(bob.page, 'counts')).toMatchObject({ keyMissing: 0, notAuthentic: 0 });

      // Its picture is not sent there any longer, and nobody mends what is not broken.
      await pauses(eve.page, ada.id);
      const metrics = await readMetrics(server.url);
      expect(metrics).not.toMatch(/parley_media_watchdog_steps_total\{[^}]*\} [1-9]/);
      await moves(bob.page, ada.id);

      await ask(eve.page, 'setKey', 0, key);
      await moves(eve.page, ada.id, 'camera');
      await moves(eve.page, ada.id, 'microphone');
      await eventually(async () => (await toldOf(ada.id)).at(-1)?.problem === undefined, 'it is over', deadlineMs);
      expect((await toldOf(ada.id)).map(({ problem }) => problem)).toEqual(['notAuthentic', undefined]);
    });

    test('forwards frames that without the key are neither pictures nor sounds', async () => {
      const name = 'tapped';
      const [ada, eve] = await Promise.all([enter('ada', { name, key }), enter('eve', { name, tap: true })]);
      for (const source of ['microphone', 'camera']) await ask(ada.page, 'publish', source);
      const captured = () => ask<[string, number[]][]>(eve.page, 'captured');
      await eventually(
        async () => {
          const sources = (await captured()).map(([source]) => source);
          return ['microphone', 'camera'].every((source) => sources.filter((one) => one === source).length > 10);
        },
        'frames are tapped',
        deadlineMs,
      );
      // They went to the decoder as they are. Now and then it takes one: a frame's first bytes are clear, and VP8 refuses few others.
      expect(await ask<number>(eve.page, 'stripes', 'camera')).toBeLessThan(0.5);

      const keys = new KeyRing();
      keys.set({ index: 0, secret: await importSecret(Uint8Array.from(key)) });
      const openers = new Map(
        ['microphone', 'camera'].map((source) => {
          const kind: FrameKind = source === 'microphone' ? 'audio' : 'video';
          return [source, new FrameOpener({ kind, scope: { room: name, peerId: ada.id, source }, keys })];
        }),
      );
      let [same, all, keyFrames] = [0, 0, 0];
      for (const [source, frame] of await captured()) {
        const opened = await openers.get(source)?.open(Uint8Array.from(frame));
        if (!opened || !('frame' in opened)) throw new Error(`a frame of the ${source} was not Ada's`);
        const clear = source === 'microphone' ? 1 : ((frame[0] ?? 1) & 1) === 0 ? 10 : 1;
        if (clear === 10) {
          keyFrames += 1;
          expect([...opened.frame.slice(3, 6)]).toEqual([0x9d, 0x01, 0x2a]);
        }
        for (let at = clear; at < opened.frame.byteLength; at++) {
          all += 1;
          if (opened.frame[at] === frame[at]) same += 1;
        }
      }
      expect(keyFrames).toBeGreaterThan(0);
      expect(all).toBeGreaterThan(2_000);
      // Of random bytes one in 256.
      expect(same / all).toBeLessThan(0.02);
    });

    test('goes over to the next key without a frame that is lost, and to one that comes late when it comes', async () => {
      const name = 'rotating';
      const [ada, bob, late] = await Promise.all([
        enter('ada', { name, key }),
        enter('bob', { name, key }),
        enter('late', { name, key }),
      ]);
      for (const source of ['microphone', 'camera']) await ask(ada.page, 'publish', source);
      for (const { page } of [bob, late]) await moves(page, ada.id, 'camera');
      await ask(bob.page, 'setKey', 1, nextKey, { send: false });
      expect(await ask(bob.page, 'keyIndex')).toBe(0);
      await ask(ada.page, 'setKey', 1, nextKey);
      expect(await ask(ada.page, 'keyIndex')).toBe(1);
      for (const source of ['microphone', 'camera']) await moves(bob.page, ada.id, source);
      const refused = { keyMissing: 0, notAuthentic: 0, replayed: 0 };
      expect(await ask<Counts>(bob.page, 'counts')).toMatchObject(refused);

      await eventually(
        async () => (await ask<{ problem?: string }[]>(late.page, 'told')).at(-1)?.problem === 'keyMissing',
        'who has no such key is told',
        deadlineMs,
      );
      await ask(late.page, 'setKey', 1, nextKey);
      for (const source of ['microphone', 'camera']) await moves(late.page, ada.id, source);
    });

    test('has layers, pauses and VP8, as other rooms have', async () => {
      const name = 'layers';
      const [ada, bob] = await Promise.all([enter('ada', { name, key }), enter('bob', { name, key })]);
      await ask(ada.page, 'publish', 'camera', { width: 960, height: 540, codec: 'h264' });
      const height = (expected: number) =>
        eventually(
          async () => (await receives(bob.page, ada.id, 'camera')).height === expected,
          `${expected} lines`,
          deadlineMs,
          intervalMs,
        );
      await moves(bob.page, ada.id);
      await ask(bob.page, 'setView', 'camera', { width: 240, height: 135 });
      await height(135);
      const layers = await ask<{ codec: string }[]>(ada.page, 'sent', 'camera');
      expect([layers.length, new Set(layers.map(({ codec }) => codec))]).toEqual([3, new Set(['video/VP8'])]);
      await ask(bob.page, 'setView', 'camera', { width: 960, height: 540 });
      await height(540);
      await ask(ada.page, 'setPaused', 'camera', true);
      await ask(ada.page, 'setPaused', 'camera', false);
      await moves(bob.page, ada.id);
      expect(await ask<Counts>(bob.page, 'counts')).toMatchObject({ keyMissing: 0, notAuthentic: 0, replayed: 0 });
      expect(await ask(bob.page, 'told')).toEqual([]);
    });

    test('works where the platform has streams of frames and no script transforms', async () => {
      const name = 'streams';
      const [ada, bob] = await Promise.all([
        enter('ada', { name, key }),
        enter('bob', { name, key }, 'delete globalThis.RTCRtpScriptTransform'),
      ]);
      for (const { page } of [ada, bob]) {
        for (const source of ['microphone', 'camera']) await ask(page, 'publish', source);
      }
      const ways = ['microphone', 'camera'].flatMap((source) => [
        moves(bob.page, ada.id, source),
        moves(ada.page, bob.id, source),
      ]);
      await Promise.all(ways);
      expect(await ask<Counts>(bob.page, 'counts')).toMatchObject({ keyMissing: 0, notAuthentic: 0 });
    });

    test('plays nothing that is sent in clear, be it another stream than the server names', async () => {
      const name = 'lied-to';
      // As a server could have it: what it forwards comes under another number than it told.
      const lied = `
        const { setRemoteDescription } = RTCPeerConnection.prototype;
        const connections = new Set();
        RTCPeerConnection.prototype.setRemoteDescription = function ({ type, sdp }) {
          connections.add(this);
          const audio = (section) => section.startsWith('audio') ? section.replace(/^a=ssrc:\\d+/gm, 'a=ssrc:4242') : section;
          return setRemoteDescription.call(this, { type, sdp: sdp.split('m=').map(audio).join('m=') });
        };
        globalThis.playedEnergy = async () => {
          let energy = 0;
          for (const connection of connections) {
            (await connection.getStats()).forEach((entry) => { energy += entry.totalAudioEnergy && entry.type === 'inbound-rtp' ? entry.totalAudioEnergy : 0; });
          }
          return energy;
        };`;
      const clear = "Object.defineProperty(RTCRtpSender.prototype, 'transform', { set() {}, get: () => null });";
      const [bob, eve] = await Promise.all([
        enter('bob', { name, key }, lied),
        enter('eve', { name, key: otherKey }, clear),
      ]);
      await ask(eve.page, 'publish', 'microphone');
      await eventually(
        async () => (await ask<Counts>(bob.page, 'counts')).notAuthentic > 50,
        'what is in clear comes to the worker',
        deadlineMs,
      );
      expect(await bob.page.evaluate('playedEnergy()')).toBe(0);
    });

    test('is not for browsers whose senders the media library does not hand over', async () => {
      const old = `
        delete globalThis.RTCRtpScriptTransform;
        delete Navigator.prototype.userAgentData;
        const userAgent = navigator.userAgent.replace(/Chrome.[0-9.]+/, 'Chrome/109.0.0.0');
        Object.defineProperty(Navigator.prototype, 'userAgent', { get: () => userAgent });`;
      const { page } = await enter('old', { name: 'old', key }, old);
      expect(await ask(page, 'tryPublish', 'microphone')).toBe('E2EE_UNSUPPORTED');
    });

    test('refuses what cannot be encrypted, and says what it lacks', async () => {
      const name = 'strict';
      const can = ['join', 'publish', 'subscribe', 'record'] as const;
      const ada = await open();
      await ask(ada, 'join', toJoin({ name }, { identity: 'ada', can }));
      expect(await ask(ada, 'tryPublish', 'microphone')).toBe('E2EE_KEY_MISSING');
      expect(await ask(ada, 'tryRecording')).toBe('E2EE_REFUSES recordings');
      await ask(ada, 'setKey', 0, key);
      expect(await ask(ada, 'tryPublish', 'microphone')).toBe('ok');
      const old = await enter('old', { name, demand: false, without: true });
      expect(await ask(old.page, 'tryPublish', 'microphone')).toBe('E2EE_UNSUPPORTED');

      const plain = await enter('plain', { name: 'plain', demand: false });
      expect(await ask(plain.page, 'tryPublish', 'microphone')).toBe('ok');
      const demanding = await open();
      const answer = await ask(demanding, 'tryJoin', toJoin({ name: 'plain', key }, { identity: 'eve' }));
      expect(answer).toBe('E2EE_NOT_OFFERED');
    });
  },
);
