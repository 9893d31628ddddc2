import { once } from 'node:events';
import { connect } from 'node:net';

/** Publishes bytes to channels of a Redis, whatever they are, in order. Resolves when it has taken all of them. */
export async function publishRaw(
  port: number,
  messages: readonly (readonly [channel: string, bytes: Uint8Array])[],
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const word = (bytes: Uint8Array) => [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
  for (const [channel, bytes] of messages) {
    const words = [Buffer.from('PUBLISH'), Buffer.from(channel), bytes];
    socket.write(Buffer.concat([Buffer.from('*3\r\n'), ...words.flatMap(word)]));
  }
  socket.write('QUIT\r\n');
  await once(socket, 'close');
  const taken = Buffer.concat(chunks).toString().match(/^:\d+/gm)?.length ?? 0;
  if (taken !== messages.length) throw new Error(`Redis took ${taken} of ${messages.length} messages`);
}
