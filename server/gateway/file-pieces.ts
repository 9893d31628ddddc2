import { open } from 'node:fs/promises';
import type { FileBody } from './listener.ts';

/** What each answer that is under way holds in memory; as many as there may be plain sockets. */
const pieceBytes = 64 * 1024;

/** A file from one place to another, in pieces. @throws {Error} when it cannot be read, or ends before. */
export async function* readPieces({ path, start, end }: FileBody): AsyncGenerator<Buffer, void, undefined> {
  const handle = await open(path, 'r');
  try {
    for (let at = start; at < end; ) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, end - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) throw new Error('a file became shorter while it was sent');
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
