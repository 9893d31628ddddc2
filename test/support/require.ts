// What a test needs of the machine, and what happens where that is missing.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { findWorkerBin } from '../../media/mediasoup/worker-bin.ts';

/**
 * `mediasoup`: the media worker. `browser`: Chromium. `netns`: network namespaces with iptables and tc, which root alone may
 * make. `ipv6`: the address ::1. `faketime`: the library that gives a process another time of day.
 */
export type Requirement =
  | 'mediasoup'
  | 'browser'
  | 'firefox'
  | 'coturn'
  | 'ffmpeg'
  | 'netns'
  | 'ipv6'
  | 'openssl'
  | 'sipp'
  | 'baresip'
  | 'kamailio'
  | 'linphone'
  | 'sipsak'
  | 'rtpengine'
  | 'redis'
  | 'faketime';

// Debian's /usr/bin/chromium-headless-shell is a script that does not hand its process over.
const browserPaths = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const firefoxPaths = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const faketimePaths = ['lib/x86_64-linux-gnu', 'lib/aarch64-linux-gnu', 'lib64', 'lib'].map(
  (folder) => `/usr/${folder}/faketime/libfaketime.so.1`,
);
const toolFolders = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Throws what is missing and how to get it. */
const finders: Readonly<Record<Requirement, () => string>> = {
  mediasoup: () => findWorkerBin(),
  browser: () => findFirst('Chromium', browserPaths),
  firefox: () => findFirst('Firefox', firefoxPaths),
  coturn: () => findTool('turnserver'),
  openssl: () => findTool('openssl'),
  sipp: () => findTool('sipp'),
  baresip: () => findTool('baresip'),
  kamailio: () => findTool('kamailio'),
  linphone: () => findTool('linphonec'),
  sipsak: () => findTool('sipsak'),
  rtpengine: () => findTool('rtpengine'),
  redis: () => findTool('redis-server'),
  ffmpeg: () => {
    findTool('ffprobe');
    return findTool('ffmpeg');
  },
  faketime: () => findFirst('libfaketime', faketimePaths),
  ipv6: () => {
    const all = Object.values(networkInterfaces()).flatMap((them) => them ?? []);
    if (!all.some(({ address }) => address === '::1'))
      throw new Error('No interface of this machine has the address ::1.');
    return '::1';
  },
  netns: () => {
    findTool('iptables');
    findTool('tc');
    const { status, stderr } = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up'], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`No network namespace can be made here: ${stderr ?? 'there is no unshare'}`);
    return findTool('ip');
  },
};

function findFirst(what: string, paths: readonly string[]): string {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`There is no ${what} at ${paths.join(', ')}.`);
  return found;
}

const findTool = (name: string): string =>
  findFirst(
    name,
    toolFolders.map((folder) => `${folder}/${name}`),
  );

/**
 * Whether a test that needs the part can run here. Where it is missing, the reason is printed and the answer is false;
 * with `PARLEY_REQUIRE=mediasoup,browser` it throws instead, so that CI cannot pass by skipping.
 * ```ts
 * describe.skipIf(!requireOrSkip('mediasoup'))('a room', () => { … });
 * ```
 */
export function requireOrSkip(what: Requirement): boolean {
  try {
    finders[what]();
    return true;
  } catch (error) {
    const required = (process.env['PARLEY_REQUIRE'] ?? '').split(',').map((word) => word.trim());
    if (required.includes(what)) throw error;
    console.warn(`Tests that need ${what} are skipped. ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

/** The path of a part's binary. @throws {Error} when there is none: ask requireOrSkip before. */
export function requirePath(what: Requirement): string {
  return finders[what]();
}

/** The browser's binary. @throws {Error} when there is none: ask requireOrSkip before. */
export function requireBrowserPath(): string {
  return finders.browser();
}
