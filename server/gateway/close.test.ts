import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

/** A process that has nothing to live for but the gateway: whatever it awaits must keep it alive to the end. */
const script = `
import { WebSocket } from 'ws';
import { startGateway } from '${new URL('../../test/support/start-gateway.ts', import.meta.url).href}';
const { gateway, wsOrigin } = await startGateway();
const client = new WebSocket(wsOrigin + '/ws');
await new Promise((resolve) => client.once('open', resolve));
await gateway.close();
console.log('closed');
`;

test('close() settles in a process that waits for nothing else', async () => {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: new URL('../..', import.meta.url).pathname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect({ code, output }).toEqual({ code: 0, output: 'closed\n' });
});
