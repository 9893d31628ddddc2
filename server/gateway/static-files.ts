// The web page, read into memory at the start: only what was there then is served, so no path leads anywhere else.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { StartError } from '../start-error.ts';
import { contentTypeOf } from './content-types.ts';
import type { HttpAnswer, RequestHead } from './listener.ts';
import { pageHeaders } from './page-headers.ts';

/** Far more than a page needs; a folder beyond that is a mistake, as in `/`. */
const maxFiles = 1_000;
const maxBytes = 64 * 1024 * 1024;
const minCompressBytes = 1_024;
/** A compressed form that saves less than a tenth is not kept. */
const worthwhileShare = 0.9;

/** Vite writes a hash of the content into these names: what has such a name never changes. */
const hashedName = /^\/assets\/.*-[A-Za-z0-9_-]{8}\.\w+$/;
/** Rooms are places in the page, and so are calls to people and the test of the way to this server. */
const pagePath = /^\/(?:r\/[^/]+|phone(?:\/[^/]+)?|doctor)$/;

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

interface Form {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A file in the forms in which it is served, the smallest first. */
interface StaticFile {
  readonly brotli: Form | undefined;
  readonly gzip: Form | undefined;
  readonly plain: Form;
}

export interface StaticFiles {
  /** Undefined when the page has nothing at this path. */
  find(head: RequestHead): HttpAnswer | undefined;
}

/** @throws {StartError} when the folder cannot be read, holds no index.html, or too much. */
export async function loadStaticFiles(webRoot: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  const paths = await listFiles(webRoot);
  let bytes = 0;
  for (const path of paths) {
    const body = await readFile(join(webRoot, path));
    bytes += body.byteLength;
    if (bytes > maxBytes) throw unusable(webRoot, `holds more than ${maxBytes / 1024 / 1024} MB`);
    const url = `/${path.split(sep).join('/')}`;
    files.set(url, await toStaticFile(url, body));
  }
  const index = files.get('/index.html');
  if (!index) throw unusable(webRoot, 'has no index.html');
  files.set('/', index);
  const softphone = files.get('/softphone.html');
  if (softphone) files.set('/softphone', softphone);
  return {
    find({ path, headers }) {
      const file = pagePath.test(path) ? index : files.get(decodePath(path));
      if (!file) return undefined;
      const form = chooseForm(file, headers['accept-encoding'] ?? '');
      const { etag = '' } = form.headers;
      if (matches(headers['if-none-match'], etag)) return { status: 304, headers: form.headers };
      return { status: 200, headers: form.headers, body: form.body };
    },
  };
}

/** Regular files only, without those whose name starts with a dot. */
async function listFiles(webRoot: string): Promise<string[]> {
  try {
    const entries = await readdir(webRoot, { recursive: true, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(webRoot, join(entry.parentPath, entry.name)))
      .filter((path) => !path.split(sep).some((part) => part.startsWith('.')));
    if (paths.length > maxFiles) throw unusable(webRoot, `holds more than ${maxFiles} files`);
    return paths;
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw unusable(webRoot, `cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`, error);
  }
}

function unusable(webRoot: string, problem: string, cause?: unknown): StartError {
  return new StartError('reading the web page', `${webRoot} (gateway.webRoot) ${problem}.`, {
    mend: 'Name the folder of a built page, or leave gateway.webRoot empty to serve none.',
    cause,
  });
}

async function toStaticFile(url: string, body: Buffer): Promise<StaticFile> {
  const type = contentTypeOf(url);
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  const toForm = (encoding: string, bytes: Uint8Array): Form => ({
    body: bytes,
    headers: {
      ...pageHeaders,
      'content-type': type.name,
      'cache-control': hashedName.test(url) ? 'public, max-age=31536000, immutable' : 'no-cache',
      // RFC 9110 section 8.8.3: another encoding is another representation.
      etag: `"${hash}${encoding === '' ? '' : `-${encoding}`}"`,
      vary: 'accept-encoding',
      ...(encoding === '' ? {} : { 'content-encoding': encoding }),
    },
  });
  const compress = type.compressible && body.byteLength >= minCompressBytes;
  const [brotli, gzipped] = compress
    ? await Promise.all([
        compressBrotli(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
        compressGzip(body, { level: 9 }),
      ])
    : [body, body];
  const keep = (bytes: Uint8Array) => bytes.byteLength < body.byteLength * worthwhileShare;
  return {
    brotli: keep(brotli) ? toForm('br', brotli) : undefined,
    gzip: keep(gzipped) ? toForm('gzip', gzipped) : undefined,
    plain: toForm('', body),
  };
}

function chooseForm({ brotli, gzip, plain }: StaticFile, acceptEncoding: string): Form {
  if (brotli && accepts(acceptEncoding, 'br')) return brotli;
  return gzip && accepts(acceptEncoding, 'gzip') ? gzip : plain;
}

/** RFC 9110 section 12.5.3; a weight of 0 refuses. */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((entry) => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** RFC 9110 section 13.1.2, compared weakly. */
function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((entry) => ['*', etag, `W/${etag}`].includes(entry.trim()));
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
