import { extname } from 'node:path';

interface ContentType {
  readonly name: string;
  /** Becomes smaller when compressed. */
  readonly compressible: boolean;
}

const text = (name: string): ContentType => ({ name: `${name}; charset=utf-8`, compressible: true });
const packed = (name: string): ContentType => ({ name, compressible: false });

const byExtension: Readonly<Record<string, ContentType>> = {
  '.html': text('text/html'),
  '.js': text('text/javascript'),
  '.mjs': text('text/javascript'),
  '.css': text('text/css'),
  '.json': text('application/json'),
  '.map': text('application/json'),
  '.txt': text('text/plain'),
  '.svg': text('image/svg+xml'),
  '.webmanifest': text('application/manifest+json'),
  '.wasm': { name: 'application/wasm', compressible: true },
  '.ico': { name: 'image/x-icon', compressible: true },
  '.png': packed('image/png'),
  '.jpg': packed('image/jpeg'),
  '.webp': packed('image/webp'),
  '.avif': packed('image/avif'),
  '.woff2': packed('font/woff2'),
  '.mp3': packed('audio/mpeg'),
  '.ogg': packed('audio/ogg'),
  '.mp4': packed('video/mp4'),
  '.webm': packed('video/webm'),
};

/** By the file's name; bytes without a meaning where it says nothing. */
export function contentTypeOf(fileName: string): ContentType {
  return byExtension[extname(fileName).toLowerCase()] ?? packed('application/octet-stream');
}
