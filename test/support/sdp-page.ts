import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBrowser } from './browser.ts';

/** A client in a browser that knows session descriptions only. `name` tells its connections apart. */
export interface SdpPage extends AsyncDisposable {
  /** The camera and the microphone. */
  publish(name: string): Promise<string>;
  /** A picture in the layers `low` and `high`. */
  publishLayers(name: string): Promise<string>;
  /** A picture of 640x360 in one codec, as in `video/AV1`. */
  publishIn(name: string, mimeType: string): Promise<string>;
  /** Each section as in `audio sendonly`, or `data`. */
  offer(name: string, sections: readonly string[]): Promise<string>;
  offerAgain(name: string): Promise<string>;
  /** The next offer, which restarts ICE. */
  restart(name: string): Promise<string>;
  change(name: string, index: number, direction: string): Promise<void>;
  take(name: string, answer: string): Promise<void>;
  answer(name: string, offer: string): Promise<string>;
  directions(name: string): Promise<(string | null)[]>;
  received(name: string): Promise<Readonly<Record<string, number>>>;
  /** Of the picture that came last. */
  width(name: string): Promise<number>;
  close(name: string): Promise<void>;
}

/** What both libraries that drive browsers have. */
interface Page {
  addScriptTag(script: { content: string }): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
}

/** `open`: opens a page; by default in a Chromium of its own. */
export async function openSdpPage(open?: (url: string) => Promise<Page>): Promise<SdpPage> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>SDP</title><body></body>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const browser = open ? undefined : await startBrowser();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const page: Page | undefined = await (open ?? browser?.openPage)?.(url);
  if (!page) throw new Error('there is no page');
  await page.addScriptTag({ content: await readFile(new URL('./sdp-page.js', import.meta.url), 'utf8') });

  const call = <Result>(method: string, ...args: readonly unknown[]): Promise<Result> =>
    page.evaluate(`sdpPeer.${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`) as Promise<Result>;
  return {
    publish: (name) => call('publish', name),
    publishLayers: (name) => call('publishLayers', name),
    publishIn: (name, mimeType) => call('publishIn', name, mimeType),
    offer: (name, sections) => call('offer', name, sections),
    offerAgain: (name) => call('offerAgain', name),
    restart: (name) => call('restart', name),
    change: (name, index, direction) => call('change', name, index, direction),
    take: (name, answer) => call('take', name, answer),
    answer: (name, offer) => call('answer', name, offer),
    directions: (name) => call('directions', name),
    received: (name) => call('received', name),
    width: (name) => call('width', name),
    close: (name) => call('close', name),
    async [Symbol.asyncDispose]() {
      await browser?.close();
      server.close();
    },
  };
}
