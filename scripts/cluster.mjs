// @ts-check
/**
 * A cluster on this machine, for trying it: Redis, nodes, and coturn where it is installed. `npm run cluster`, or with other
 * numbers `npm run cluster -- --nodes 5 --port 9000`. Ctrl-C stops all of it; a second one at once.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { planCluster } from './cluster/plan.mjs';
import { ClusterProcess } from './cluster/process.mjs';
import { findFreePort, findProgram, loadSecrets } from './cluster/wishes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const usage = `usage: node scripts/cluster.mjs [--nodes 3] [--port 8080] [--folder data/cluster] [--sources]
  --nodes     how many servers
  --port      of the first one; each other one has the next
  --folder    where Redis and the nodes keep what they keep, and their logs
  --sources   run the sources instead of what is built
`;

/** @returns {{ nodes: number, port: number, folder: string, sources: boolean }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        nodes: { type: 'string', default: '3' },
        port: { type: 'string', default: '8080' },
        folder: { type: 'string', default: join(root, 'data', 'cluster') },
        sources: { type: 'boolean', default: false },
      },
    });
    const [nodes, port] = [Number(values.nodes), Number(values.port)];
    if (!Number.isInteger(nodes) || nodes < 1 || nodes > 16) throw new Error('--nodes is a number from 1 to 16');
    if (!Number.isInteger(port) || port < 1 || port + nodes > 65_536) throw new Error('--port is a port');
    return { nodes, port, folder: resolve(values.folder), sources: values.sources };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

const { nodes, port, folder, sources } = readArguments();
const redisServer = findProgram('redis-server');
if (redisServer === undefined) {
  process.stderr.write('redis-server (7.0 or later) is missing. On Debian: apt-get install redis-server\n');
  process.exit(1);
}
mkdirSync(folder, { recursive: true, mode: 0o700 });
const entry = sources
  ? ['--import', join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs'), join(root, 'server', 'main.ts')]
  : ['--enable-source-maps', join(root, 'dist', 'server', 'main.js')];
const plan = planCluster({
  nodes,
  port,
  folder,
  redisServer,
  redisPort: await findFreePort(),
  turnServer: findProgram('turnserver'),
  turnPort: await findFreePort(),
  parley: [process.execPath, ...entry],
  secrets: loadSecrets(folder),
});

/** In the order of starting. @type {ClusterProcess[]} */
const running = [];
const stopping = new AbortController();

async function stop() {
  // The nodes say goodbye to each other through Redis: it goes last.
  const [redis, ...others] = running;
  await Promise.all(others.map((it) => it.stop()));
  await redis?.stop();
}

/** A terminal sends Ctrl-C to everything that it runs, and npm passes it on once more: signals so near are one. */
const sameSignalMs = 500;
let stoppingSinceMs = Number.NaN;

for (const name of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(name, () => {
    if (performance.now() - stoppingSinceMs > sameSignalMs) for (const it of running) it.kill();
    if (stopping.signal.aborted) return;
    stoppingSinceMs = performance.now();
    process.stdout.write('\nStopping.\n');
    stopping.abort(new Error('stopped'));
  });
}
process.on('exit', () => {
  for (const it of running) it.kill();
});

/** @param {import('./cluster/plan.mjs').Planned} planned */
async function start(planned) {
  const it = new ClusterProcess(planned);
  running.push(it);
  await it.start(stopping.signal);
  void it.ended.then(async () => {
    if (stopping.signal.aborted) return;
    process.stderr.write(`${planned.name} ended:\n${await it.lastLines()}\nThe others go on.\n`);
  });
}

/** @param {string} label @param {string} text */
const say = (label, text) => process.stdout.write(`  ${label.padEnd(9)}${text}\n`);

try {
  process.stdout.write(`\n  Parley, ${nodes} nodes\n\n`);
  await start(plan.redis);
  say('Redis', `redis://127.0.0.1:${plan.redis.port}`);
  if (plan.relay === undefined) say('coturn', 'is not installed: no relay');
  else {
    await start(plan.relay);
    say('coturn', `turn:127.0.0.1:${plan.relay.port}`);
  }
  await Promise.all(plan.nodes.map(start));
  for (const { name, port: own } of plan.nodes) say(name, `http://127.0.0.1:${own}`);
  say('Logs', join(folder, '*.log'));
  say('Stop', 'Ctrl-C');
  await new Promise((stopped) => stopping.signal.addEventListener('abort', stopped, { once: true }));
} catch (error) {
  if (!stopping.signal.aborted) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
  stopping.abort();
}
await stop();
