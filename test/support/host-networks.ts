// Hosts of a test with a network of their own each (Linux, root): what runs on them reaches the others only by cables that
// the test can cut. Everything is gone with the process of the test, also when that is killed.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { Scope } from '../../core/scope.ts';
import { type FrameSwitch, macOf, startFrameSwitch } from './frame-switch.ts';

/**
 * A network (no name in /run/netns) with a machine on it:
 * ```ts
 * spawn(...[...host.prefix, 'redis-server', '--bind', host.address]);
 * ```
 */
export interface Host {
  /** Where this machine, the store and the nodes reach it. */
  readonly address: string;
  /** What stands before a command that is to run on it; the command ends with the process of the test. */
  readonly prefix: readonly string[];
}

export interface NodeHost extends Host {
  /** Where the other nodes reach it, and they alone. By `address` this machine reaches what listens on loopback there. */
  readonly peerAddress: string;
}

export interface HostNetworks extends AsyncDisposable {
  readonly store: Host;
  readonly nodes: readonly NodeHost[];
  /** Between nodes. Their clients, and the store, are reached another way. */
  readonly peers: FrameSwitch;
  /** Packets between the node and the store are dropped, silently, both ways. */
  cutFromStore(place: number): void;
  mendToStore(place: number): void;
}

/** TEST-NET-2 (RFC 5737), in eight parts: several may be up at once. */
const blocks = Array.from({ length: 8 }, (_, block) => (host: number) => `198.51.100.${block * 32 + host}`);
const peerAddressOf = (place: number) => `192.0.2.${place + 1}`;

let opened = 0;

/** @throws {Error} where none can be made: ask requireOrSkip('netns') before. */
export async function openHostNetworks(nodeCount: number, seed = 1): Promise<HostNetworks> {
  const parts = new Scope();
  try {
    return await open(nodeCount, seed, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function open(nodeCount: number, seed: number, parts: Scope): Promise<HostNetworks> {
  const addressOf = findFreeBlock();
  const [outside, storeAddress] = [addressOf(1), addressOf(2)];
  const start = async () => {
    const host = await startHost();
    parts.defer(host.end);
    return host;
  };
  const store = await start();
  const hosts = await Promise.all(Array.from({ length: nodeCount }, start));
  // The store's network is the switch of all: a port for this machine, and one for each node.
  store.ip('link add lan type bridge', `address add ${storeAddress}/27 dev lan`, 'link set lan up');
  const cable = `ph${process.pid}-${opened++}`;
  execFileSync('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'out', 'netns', String(store.pid)]);
  // The kernel takes its time with networks that nobody is in any more, and the address is wanted again.
  parts.defer(() => void execFileSync('ip', ['link', 'delete', cable]));
  execFileSync('ip', ['address', 'add', `${outside}/27`, 'dev', cable]);
  execFileSync('ip', ['link', 'set', cable, 'up']);
  store.ip('link set out master lan', 'link set out up');
  const nodes = hosts.map(({ pid, prefix, ip, run }, place): NodeHost => {
    const address = addressOf(place + 3);
    store.ip(`link add node${place} type veth peer name eth0 netns ${pid}`, `link set node${place} master lan up`);
    ip(`address add ${address}/27 dev eth0`, 'link set eth0 up');
    // A server under `--dev` listens on loopback alone: what comes from this machine is for that.
    run('sysctl', '-q -w net.ipv4.conf.eth0.route_localnet=1');
    run('iptables', `-t nat -A PREROUTING -p tcp -s ${outside} -j DNAT --to-destination 127.0.0.1`);
    return { address, prefix, peerAddress: peerAddressOf(place) };
  });
  const peers = await startFrameSwitch({ address: outside, hosts: nodes.map(({ address }) => address), seed });
  parts.defer(async () => peers[Symbol.asyncDispose]());
  for (const [place, { ip, run }] of hosts.entries()) {
    const tunnel = `id 1 dev eth0 local ${nodes[place]?.address} remote ${outside} dstport ${peers.port} nolearning`;
    ip(
      `link add peers0 address ${macOf(place)} gso_max_segs 1 type vxlan ${tunnel}`,
      `address add ${peerAddressOf(place)}/24 dev peers0`,
      'link set peers0 up',
    );
    for (const other of hosts.keys()) {
      if (other !== place) ip(`neighbour replace ${peerAddressOf(other)} lladdr ${macOf(other)} dev peers0`);
    }
    // Virtual cables carry packets without checksums, as nobody but their own kernel reads them. Here somebody does.
    for (const protocol of ['tcp', 'udp'])
      run('iptables', `-t mangle -A POSTROUTING -o peers0 -p ${protocol} -j CHECKSUM --checksum-fill`);
  }
  const firewall = (action: '-A' | '-D', place: number) => {
    const address = nodes[place]?.address;
    store.run('iptables', `${action} INPUT -s ${address} -j DROP`);
    store.run('iptables', `${action} OUTPUT -d ${address} -j DROP`);
  };
  return {
    store: { address: storeAddress, prefix: store.prefix },
    nodes,
    peers,
    cutFromStore: (place) => firewall('-A', place),
    mendToStore: (place) => firewall('-D', place),
    [Symbol.asyncDispose]: () => parts.close(),
  };
}

interface StartedHost {
  readonly pid: number;
  readonly prefix: readonly string[];
  /** Each as the words behind `ip`. */
  ip(...commands: readonly string[]): void;
  run(command: string, words: string): void;
  end(): Promise<void>;
}

/** A network lives as long as somebody is in it: here one that waits for the end of its input, which is this process. */
async function startHost(): Promise<StartedHost> {
  const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const end = () => endHolder(holder);
  holder.stdin.write('here');
  // It echoes once the network is there.
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  if (holder.pid === undefined || holder.exitCode !== null) throw new Error(`no network: ${holder.stderr.read()}`);
  const { pid } = holder;
  const enter = ['nsenter', `--net=/proc/${pid}/ns/net`];
  const within = (words: readonly string[], input = '') => {
    const [command = '', ...args] = [...enter, ...words];
    execFileSync(command, args, { input, stdio: ['pipe', 'pipe', 'pipe'] });
  };
  const host: StartedHost = {
    pid,
    prefix: ['setpriv', '--pdeathsig', 'KILL', ...enter],
    ip: (...commands) => within(['ip', '-batch', '-'], `${commands.join('\n')}\n`),
    run: (command, words) => within([command, ...words.split(' ')]),
    end,
  };
  host.ip('link set lo up');
  return host;
}

async function endHolder(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const exited = once(holder, 'exit');
  holder.stdin?.end();
  await exited;
}

function findFreeBlock(): (host: number) => string {
  const taken = new Set(
    Object.values(networkInterfaces()).flatMap((them) => them?.map(({ address }) => address) ?? []),
  );
  // Two processes that look at once had better not begin with the same one.
  const from = process.pid % blocks.length;
  const free = [...blocks.slice(from), ...blocks.slice(0, from)].find((addressOf) => !taken.has(addressOf(1)));
  if (!free) throw new Error('all addresses for networks of tests are taken');
  return free;
}
