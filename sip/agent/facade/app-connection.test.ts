import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { AppConnection } from './app-connection.ts';
import { writeFrame } from './frame-reader.ts';

/** An application that said the secret, and the agent's end of it. */
async function open() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const app = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    app.destroy();
    socket.destroy();
    server.close();
  });
  const clock = new FakeClock();
  const frames: string[] = [];
  const user = { welcome: () => 'OK', frame: (_: AppConnection, id: string) => frames.push(id), gone: () => {} };
  const connection = new AppConnection(socket, 'right', clock, user);
  app.write(writeFrame('1|authenticate|right|'));
  await eventually(() => connection.open, 'the secret');
  return { app, socket, clock, connection, frames };
}

test('an application that does not read is cut off when its connection ends, and not read any more', async () => {
  const { app, socket, clock, connection, frames } = await open();
  app.on('error', () => {});
  app.pause();
  await eventually(() => {
    connection.send('x'.repeat(100_000));
    return socket.writableLength > 0;
  }, 'something that waits');
  connection.close();
  app.write(writeFrame('2|sip||\r\n'));
  await eventually(() => socket.bytesRead > 30, 'the frame');
  clock.advance(1_000);
  expect(socket.destroyed).toBe(true);
  expect(frames).toEqual([]);
  expect(clock.pendingTimers).toBe(0);
});

test('what was said last is still read, and no timer is left', async () => {
  const { app, socket, clock, connection } = await open();
  let heard = '';
  app.on('data', (chunk) => {
    heard += String(chunk);
  });
  connection.send('1|response|1|the last word');
  connection.close();
  connection.close();
  await eventually(() => socket.destroyed && heard.includes('the last word'), 'the end');
  await eventually(() => clock.pendingTimers === 0, 'no timer');
});
