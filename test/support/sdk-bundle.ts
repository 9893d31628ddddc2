// The SDK as a page loads it, without the web page around it: for pages of tests that hold its objects themselves.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface SdkFiles extends AsyncDisposable {
  /** A page that has the SDK, its worker for encryption and a script of test/support, of an origin of its own. */
  readonly url: string;
}

export async function serveSdkPage(page: 'sdk-page.js' | 'e2ee-page.js' = 'sdk-page.js'): Promise<SdkFiles> {
  const [sdk, worker, script] = await Promise.all([
    bundle('index.ts', 'sdk'),
    bundle('e2ee/transform-worker.ts', 'e2ee-worker'),
    readFile(new URL(page, import.meta.url), 'utf8'),
  ]);
  const files = new Map([
    [
      '/',
      { type: 'text/html', text: '<!doctype html><title>SDK</title><script type="module" src="/page.js"></script>' },
    ],
    ['/page.js', { type: 'text/javascript', text: script }],
    ...[...sdk, ...worker].map(
      ({ fileName, code }) => [`/${fileName}`, { type: 'text/javascript', text: code }] as const,
    ),
  ]);
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    response.writeHead(file ? 200 : 404, { 'content-type': file?.type ?? 'text/plain' }).end(file?.text ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function bundle(path: string, fileName: string): Promise<{ fileName: string; code: string }[]> {
  const entry = fileURLToPath(new URL(`../../client/src/${path}`, import.meta.url));
  const made = await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, target: 'es2022', lib: { entry, formats: ['es'], fileName } },
  });
  const [output] = Array.isArray(made) ? made : [made];
  if (!output || !('output' in output)) throw new Error(`${path} was not bundled`);
  return output.output.flatMap((part) => (part.type === 'chunk' ? [part] : []));
}
