import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exchangeTcp, httpRequest } from '../../test/support/http-request.ts';
import { type RunningGateway, startGateway } from '../../test/support/start-gateway.ts';
import { StartError } from '../start-error.ts';
import { loadStaticFiles } from './static-files.ts';

const page = `<!doctype html><title>Parley</title>${'<p>Hello</p>'.repeat(200)}`;
const script = `export const words = ${JSON.stringify('again and '.repeat(500))};`;
const picture = randomBytes(4_000);
const secret = 'not for anyone';

let folder = '';
let running: RunningGateway;
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  httpRequest(running.port, path, { headers, method });

async function writeAll(root: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-page-'));
  const webRoot = await writeAll(join(folder, 'page'), {
    'index.html': page,
    'assets/index-B3xk_9Za.js': script,
    'assets/plain.js': 'export {};',
    'assets/style-abcdefgh.css': 'body { color: #000 }',
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    'picture.png': picture,
    'app.webmanifest': '{}',
    LICENSE: 'free',
    'two words é.txt': 'both',
    '.env': secret,
    '.git/config': secret,
    'assets/.hidden.js': secret,
  });
  await writeAll(folder, { 'secret.txt': secret, 'page-two/index.html': secret });
  await symlink(join(folder, 'secret.txt'), join(webRoot, 'link.txt'));
  await symlink(folder, join(webRoot, 'up'));
  running = await startGateway({ webRoot });
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe('a file of the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/index.html', 'text/html; charset=utf-8'],
    ['/assets/index-B3xk_9Za.js', 'text/javascript; charset=utf-8'],
    ['/assets/style-abcdefgh.css', 'text/css; charset=utf-8'],
    ['/icon.svg', 'image/svg+xml; charset=utf-8'],
    ['/picture.png', 'image/png'],
    ['/app.webmanifest', 'application/manifest+json; charset=utf-8'],
    ['/LICENSE', 'application/octet-stream'],
    ['/two%20words%20%C3%A9.txt', 'text/plain; charset=utf-8'],
  ])('%s is served as %s', async (path, type) => {
    const answer = await ask(path);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe(type);
  });

  test('comes as it is on the disk', async () => {
    expect((await ask('/')).text()).toBe(page);
    expect((await ask('/picture.png')).body.equals(picture)).toBe(true);
    expect((await ask('/?v=1')).text()).toBe(page);
  });

  test('says what the page may do, and that its type is not to be guessed', async () => {
    for (const path of ['/', '/r/standup', '/icon.svg']) {
      const { headers } = await ask(path);
      const policy = String(headers['content-security-policy']).split('; ');
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("object-src 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['permissions-policy']).toContain('camera=(self), microphone=(self), display-capture=(self)');
    }
  });

  test('whose name holds a hash is kept for ever, every other is asked for again', async () => {
    const cacheOf = async (path: string) => (await ask(path)).headers['cache-control'];
    expect(await cacheOf('/assets/index-B3xk_9Za.js')).toBe('public, max-age=31536000, immutable');
    expect(await cacheOf('/assets/style-abcdefgh.css')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/', '/index.html', '/r/standup', '/assets/plain.js', '/picture.png']) {
      expect(await cacheOf(path), path).toBe('no-cache');
    }
  });

  test('is answered to HEAD with its length and without its body', async () => {
    const answer = await ask('/', {}, 'HEAD');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(page)));
    expect(answer.body).toHaveLength(0);
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('is not there for %s', async (method) => {
    expect((await ask('/index.html', {}, method)).status).toBe(404);
  });
});

describe('a room’s address', () => {
  test.each(['/r/standup', '/r/caf%C3%A9', '/r/a.b', '/r/..%2f..%2fsecret.txt', '/phone', '/phone/ada'])(
    '%s is the page',
    async (path) => {
      const answer = await ask(path);
      expect(answer.status).toBe(200);
      expect(answer.text()).toBe(page);
    },
  );

  test.each([
    '/r',
    '/r/',
    '/r/a/b',
    '/phone/a/b',
    '/softphone',
    '/room/standup',
    '/assets/missing-B3xk_9Za.js',
    '/missing',
  ])('%s is none: 404 as JSON, which no script tag takes for a page', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.json()).toMatchObject({ error: { reason: 'ROUTE_NOT_FOUND' } });
  });
});

describe('compression', () => {
  const path = '/assets/index-B3xk_9Za.js';

  test.each([
    ['gzip, deflate, br', 'br'],
    ['br;q=0.5, gzip', 'br'],
    ['BR', 'br'],
    ['gzip', 'gzip'],
    ['gzip, br;q=0', 'gzip'],
    ['gzip;q=0.000, br;q=0.0', undefined],
    ['identity', undefined],
    ['', undefined],
    ['zstd, brotli', undefined],
  ])('for a client that accepts "%s" is %s', async (accepted, encoding) => {
    const answer = await ask(path, { 'accept-encoding': accepted });
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['vary']).toBe('accept-encoding');
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync, plain: (bytes: Buffer) => bytes };
    expect(unpack[(encoding as 'br' | 'gzip' | undefined) ?? 'plain'](answer.body).toString()).toBe(script);
    if (encoding) expect(answer.body.length).toBeLessThan(script.length / 2);
  });

  test('is left out where it saves nothing: small files and packed ones', async () => {
    for (const unpacked of ['/assets/style-abcdefgh.css', '/picture.png']) {
      const answer = await ask(unpacked, { 'accept-encoding': 'gzip, br' });
      expect(answer.headers['content-encoding'], unpacked).toBeUndefined();
    }
  });
});

describe('a file that the client has already', () => {
  test('is answered with 304 and no body', async () => {
    const { headers } = await ask('/');
    const etag = String(headers['etag']);
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await ask('/', { 'if-none-match': known });
      expect(answer.status, known).toBe(304);
      expect(answer.headers['etag']).toBe(etag);
      expect(answer.body).toHaveLength(0);
    }
  });

  test('is sent when the client has another one', async () => {
    const { headers } = await ask('/');
    const inner = String(headers['etag']).slice(1, -1);
    for (const known of ['"other"', inner, `"${inner.slice(1)}"`, '']) {
      expect((await ask('/', { 'if-none-match': known })).status, known).toBe(200);
    }
  });

  test('has another tag in each encoding', async () => {
    const etags = await Promise.all(
      ['br', 'gzip', ''].map(async (encoding) => (await ask('/', { 'accept-encoding': encoding })).headers['etag']),
    );
    expect(new Set(etags).size).toBe(3);
    const crossed = await ask('/', { 'accept-encoding': 'gzip', 'if-none-match': String(etags[0]) });
    expect(crossed.status).toBe(200);
  });
});

describe('a path that leads out of the folder', () => {
  test.each([
    '/../secret.txt',
    '/../../../../../../etc/passwd',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/%252e%252e/secret.txt',
    '/../page-two/index.html',
    '//etc/passwd',
    '/etc/passwd',
    '/secret.txt%00.html',
    '/index.html%00',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '/link.txt',
    '/up/secret.txt',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/assets/.hidden.js',
    '/assets',
    '/assets/',
    '/constructor',
    '/__proto__',
  ])('%s finds nothing', async (path) => {
    // Written by hand: client libraries tidy such paths up before they send them.
    const answer = await exchangeTcp(running.port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).not.toContain(secret);
    expect(answer).not.toContain('root:');
  });
});

describe('a folder that cannot be served refuses the start', () => {
  async function problemOf(webRoot: string): Promise<string> {
    const error = await startGateway({ webRoot }).catch((thrown: unknown) => thrown);
    if (!(error instanceof StartError)) throw new Error('expected a StartError', { cause: error });
    expect(error.step).toBe('reading the web page');
    expect(error.mend).toContain('gateway.webRoot');
    return error.message;
  }

  test('because it is not there', async () => {
    const missing = join(folder, 'missing');
    expect(await problemOf(missing)).toBe(`${missing} (gateway.webRoot) cannot be read: ENOENT.`);
  });

  test('because it is a file', async () => {
    const file = join(folder, 'secret.txt');
    expect(await problemOf(file)).toBe(`${file} (gateway.webRoot) cannot be read: ENOTDIR.`);
  });

  test('because it holds no page', async () => {
    const empty = await writeAll(join(folder, 'empty'), { 'nested/index.html': page });
    expect(await problemOf(empty)).toBe(`${empty} (gateway.webRoot) has no index.html.`);
  });

  test('because it holds too many files', async () => {
    const names = Array.from({ length: 1_001 }, (_, index) => [`${index}.txt`, ''] as const);
    const crowded = await writeAll(join(folder, 'crowded'), Object.fromEntries(names));
    expect(await problemOf(crowded)).toContain('holds more than 1000 files');
  });

  test('because it holds too many bytes', async () => {
    const heavy = await writeAll(join(folder, 'heavy'), {
      'index.html': page,
      'a.png': Buffer.alloc(64 * 1024 * 1024),
    });
    expect(await problemOf(heavy)).toContain('holds more than 64 MB');
  });

  test('and what changes later is not served: the start decides', async () => {
    const webRoot = await writeAll(join(folder, 'frozen'), { 'index.html': page });
    const files = await loadStaticFiles(webRoot);
    await writeAll(webRoot, { 'index.html': 'changed', 'new.txt': 'new' });
    const find = (path: string) => files.find({ method: 'GET', path, query: '', headers: {}, peerAddress: '' });
    expect(Buffer.from(find('/')!.body as Uint8Array).toString()).toBe(page);
    expect(find('/new.txt')).toBeUndefined();
  });
});
