import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { type Host, openHostNetworks } from './host-networks.ts';
import { requireOrSkip } from './require.ts';

const run = promisify(execFile);
const echo = (address: string) => `require('net').createServer((it) => it.pipe(it)).listen(9000, '${address}')`;
const call = (address: string) =>
  `const s = require('net').connect(9000, '${address}', () => s.write('a')); const from = Date.now();
   s.on('data', () => { console.log(Date.now() - from); process.exit(); });
   s.on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 1000)`;

/** How long it takes to connect and to hear something back; undefined: nothing was heard within a second. */
async function callFrom({ prefix: [command = '', ...words] }: Host, address: string): Promise<number | undefined> {
  return run(command, [...words, process.execPath, '-e', call(address)]).then(
    ({ stdout }) => Number(stdout),
    () => undefined,
  );
}

function startEcho({ prefix: [command = '', ...words] }: Host, address: string): Disposable & { readonly pid: number } {
  const child = spawn(command, [...words, process.execPath, '-e', echo(address)], { stdio: 'ignore' });
  return { pid: child.pid ?? 0, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

describe.skipIf(!requireOrSkip('netns'))('hosts with networks of their own', { timeout: 60_000 }, () => {
  it('reach each other late on a slow cable, not at all on a cut one, and the store all the same', async () => {
    await using networks = await openHostNetworks(2);
    const { store, peers } = networks;
    const [one, two] = networks.nodes;
    if (!one || !two) throw new Error('there are no hosts');
    using _store = startEcho(store, store.address);
    using _two = startEcho(two, two.peerAddress);
    await eventually(async () => (await callFrom(one, two.peerAddress)) !== undefined, 'one reaches two', 20_000);
    await eventually(async () => (await callFrom(one, store.address)) !== undefined, 'one reaches the store', 20_000);
    peers.impair({ delayMs: 100 });
    // A handshake, and an echo: each there and back.
    expect(await callFrom(one, two.peerAddress)).toBeGreaterThanOrEqual(390);
    peers.impair({});
    peers.cut(1);
    expect(await callFrom(one, two.peerAddress)).toBeUndefined();
    expect(await callFrom(two, store.address)).toBeDefined();
    peers.mend(1);
    networks.cutFromStore(0);
    expect(await callFrom(one, store.address)).toBeUndefined();
    expect(await callFrom(one, two.peerAddress)).toBeDefined();
    networks.mendToStore(0);
    expect(await callFrom(one, store.address)).toBeDefined();
  });

  it('are gone with the process that made them, though it is killed', async () => {
    const script = `import { openHostNetworks } from ${JSON.stringify(new URL('host-networks.ts', import.meta.url).href)};
      import { spawn } from 'node:child_process';
      const { nodes: [{ prefix: [command, ...words] }] } = await openHostNetworks(1);
      const { pid } = spawn(command, [...words, 'sleep', '600'], { stdio: 'ignore' });
      process.stdout.write(String(pid) + ' ');
      setInterval(() => {}, 1000);`;
    const maker = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]);
    maker.stderr.pipe(process.stderr);
    const [chunk] = (await once(maker.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    const isUp = () => Object.keys(networkInterfaces()).some((name) => name.startsWith(`ph${maker.pid}-`));
    expect([isUp(), existsSync(`/proc/${pid}`)]).toEqual([true, true]);
    maker.kill('SIGKILL');
    await eventually(() => !isUp() && !existsSync(`/proc/${pid}`), 'nothing is left', 30_000);
  });
});
