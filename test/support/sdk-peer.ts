// Somebody in a room by the SDK in a page of any browser, with made-up sounds and pictures, as seen from a test.

import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import type { RunningServer } from './start-server.ts';

/** Of playwright-core and of puppeteer-core alike. */
export interface ScriptedPage {
  evaluate(script: string): Promise<unknown>;
}

export interface ReceivedTrack {
  readonly id: string;
  readonly packets: number;
  readonly frames: number;
  /** Of the last picture that was decoded. */
  readonly height: number;
  /** Grows with what is heard. */
  readonly energy: number;
  readonly samples: number;
  /** Samples that were made up for want of packets. */
  readonly concealed: number;
}

export interface SentLayer {
  readonly rid: string;
  readonly packets: number;
  readonly height: number;
  readonly frames: number;
}

export type Source = 'microphone' | 'camera' | 'screen';

export interface PictureOptions {
  readonly width?: number;
  readonly height?: number;
  readonly framesPerSecond?: number;
}

export interface Look {
  /** The share that had to be made up, 0 to 1. */
  readonly lostSound: number;
  readonly camera: { readonly frames: number; readonly lines: number };
  readonly screen: { readonly frames: number; readonly lines: number };
}

const deadlineMs = 60_000;
/** Statistics cost both processes a lot: asked without a break, they slow down the media that is waited for. */
const intervalMs = 50;

export class SdkPeer {
  readonly #page: ScriptedPage;

  private constructor(page: ScriptedPage) {
    this.#page = page;
  }

  /** In a page of serveSdkPage. `mediaPort`: where media goes, the server's own way by default. */
  static async join(
    page: ScriptedPage,
    server: RunningServer,
    { room, identity, mediaPort = 0 }: { room: string; identity: string; mediaPort?: number },
  ): Promise<SdkPeer> {
    const peer = new SdkPeer(page);
    await eventually(() => page.evaluate('globalThis.sdkPeer !== undefined'), 'the SDK in the page');
    const token = server.issueToken({ identity });
    await peer.#call('join', { url: server.wsUrl, token, name: room, port: mediaPort });
    return peer;
  }

  publish(source: Source, options: PictureOptions = {}): Promise<string> {
    return this.#call('publish', source, options);
  }

  received(): Promise<Readonly<Partial<Record<Source, ReceivedTrack>>>> {
    return this.#call('received');
  }

  sent(source: Source): Promise<readonly SentLayer[]> {
    return this.#call('sent', source);
  }

  /** Of the open connections; others after a restart of ICE. */
  credentials(): Promise<readonly string[]> {
    return this.#call('credentials');
  }

  setView(source: Source, view: { width: number; height: number; hidden?: boolean }): Promise<void> {
    return this.#call('setView', source, view);
  }

  say(topic: string, text: string): Promise<boolean> {
    return this.#call('say', topic, text);
  }

  heard(): Promise<readonly (readonly [topic: string, text: string])[]> {
    return this.#call('heard');
  }

  leave(): Promise<void> {
    return this.#call('leave');
  }

  /** As when the platform tells of another network. */
  async changeNetwork(): Promise<void> {
    await this.#page.evaluate(`void dispatchEvent(new Event('online'))`);
  }

  /** Waits until more pictures or sounds came of all of these than there were. */
  async expectFlow(...sources: readonly Source[]): Promise<void> {
    const before = await this.received();
    const grew = (now: ReceivedTrack | undefined, last: ReceivedTrack | undefined) => {
      // Another track in its place begins anew.
      const then = now?.id === last?.id ? last : undefined;
      return now !== undefined && (now.frames > (then?.frames ?? 0) + 5 || now.energy > (then?.energy ?? 0));
    };
    await eventually(
      async () => {
        const now = await this.received();
        return sources.every((source) => grew(now[source], before[source]));
      },
      `more of ${sources.join(', ')}`,
      deadlineMs,
      intervalMs,
    );
  }

  /** Waits until the pictures that come have so many lines. */
  async expectHeight(source: Source, isRight: (lines: number) => boolean, what: string): Promise<void> {
    const lines = async () => (await this.received())[source]?.height;
    await eventually(async () => isRight((await lines()) ?? 0), `${what} of ${source}`, deadlineMs, intervalMs).catch(
      async (error: unknown) => {
        throw new Error(`what is received: ${JSON.stringify(await this.received())}`, { cause: error });
      },
    );
  }

  /** What came within so many milliseconds. */
  async look(windowMs: number): Promise<Look> {
    const before = await this.received();
    await delay(windowMs);
    const after = await this.received();
    const since = (source: Source, counter: 'frames' | 'samples' | 'concealed') => {
      const [was, is] = [before[source]?.[counter] ?? 0, after[source]?.[counter] ?? 0];
      // A track that was replaced counts from nothing.
      return is < was ? is : is - was;
    };
    const samples = since('microphone', 'samples');
    const picture = (source: Source) => ({ frames: since(source, 'frames'), lines: after[source]?.height ?? 0 });
    return {
      // While it is replaced there is no track, and no sample.
      lostSound: samples === 0 ? 1 : since('microphone', 'concealed') / samples,
      camera: picture('camera'),
      screen: picture('screen'),
    };
  }

  #call<Result>(method: string, ...args: readonly unknown[]): Promise<Result> {
    const list = args.map((arg) => JSON.stringify(arg)).join(', ');
    return this.#page.evaluate(`sdkPeer.${method}(${list})`) as Promise<Result>;
  }
}
