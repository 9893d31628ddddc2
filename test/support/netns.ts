// A network of its own for processes of a test, with faults that a firewall and a bad line make (Linux, root).

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requirePath } from './require.ts';

/**
 * There is a loopback interface in it and nothing else; what runs outside is not reached and not touched.
 * ```ts
 * using network = openNetns();
 * network.firewall('-p', 'udp', '-j', 'DROP');
 * await using browser = await startBrowser({ executablePath: network.wrap(requireBrowserPath()) });
 * ```
 */
export interface Netns extends Disposable {
  /** As `ip netns` knows it. */
  readonly name: string;
  /** What stands before a command that is to run in it. */
  readonly prefix: readonly string[];
  /** A script that runs the binary in it, for those who take a path alone. */
  wrap(binary: string): string;
  /** A rule for all that is sent, as `iptables -A OUTPUT` takes it. */
  firewall(...rule: readonly string[]): void;
  /** So many UDP packets of a hundred are lost, on their way there and on their way back. */
  losePackets(percent: number): void;
  /** Everything shares a line of this rate, with a queue of 200 ms. Not every kernel can delay packets; all can do this. */
  narrow(kilobitsPerSecond: number): void;
}

let made = 0;

/** @throws {Error} where none can be made: ask requireOrSkip('netns') before. */
export function openNetns(): Netns {
  const ip = requirePath('netns');
  const name = `parley-${process.pid}-${made++}`;
  const folder = mkdtempSync(join(tmpdir(), 'parley-netns-'));
  const prefix = [ip, 'netns', 'exec', name];
  const run = (...args: readonly string[]) => execFileSync(ip, ['netns', 'exec', name, ...args], { stdio: 'pipe' });
  execFileSync(ip, ['netns', 'add', name], { stdio: 'pipe' });
  run('ip', 'link', 'set', 'lo', 'up');
  // A Chromium without windows gathers no candidates on loopback alone. From this address it reaches what listens there.
  run('ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1');
  run('ip', 'address', 'add', '192.0.2.1/24', 'dev', 'lan0');
  for (const end of ['lan0', 'lan1']) run('ip', 'link', 'set', end, 'up');
  return {
    name,
    prefix,
    wrap(binary) {
      const script = join(folder, 'run');
      writeFileSync(script, `#!/bin/sh\nexec ${prefix.join(' ')} ${binary} "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    },
    firewall: (...rule) => void run('iptables', '-A', 'OUTPUT', ...rule),
    losePackets(percent) {
      const random = ['-m', 'statistic', '--mode', 'random', '--probability', String(percent / 100)];
      run('iptables', '-A', 'OUTPUT', '-p', 'udp', ...random, '-j', 'DROP');
    },
    narrow(kilobitsPerSecond) {
      const bucket = ['tbf', 'rate', `${kilobitsPerSecond}kbit`, 'burst', '64kb', 'latency', '200ms'];
      run('tc', 'qdisc', 'replace', 'dev', 'lo', 'root', ...bucket);
    },
    [Symbol.dispose]() {
      execFileSync(ip, ['netns', 'delete', name], { stdio: 'pipe' });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
