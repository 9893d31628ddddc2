// @ts-check
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { distribution } from './distribution.mjs';

/**
 * What the system must provide, and what each package manager calls it.
 * `probe` tells whether it is there: a command on the PATH (any of several), or a library by its pkg-config name.
 *
 * @typedef {{ command: string[] } | { library: string }} Probe
 * @typedef {{ probe: Probe, apt: string, brew: string, apk: string, dnf: string, pacman: string }} SystemPackage
 * @typedef {'apt' | 'brew' | 'apk' | 'dnf' | 'pacman'} PackageManager
 */

const isDebian = distribution().startsWith('debian ');

/** @type {SystemPackage} */
const compiler = {
  probe: { command: ['c++', 'g++', 'clang++'] },
  apt: 'g++',
  brew: 'llvm',
  apk: 'g++',
  dnf: 'gcc-c++',
  pacman: 'gcc',
};

/** For building the mediasoup worker. @type {SystemPackage[]} */
export const workerPackages = [
  { probe: { command: ['meson'] }, apt: 'meson', brew: 'meson', apk: 'meson', dnf: 'meson', pacman: 'meson' },
  {
    probe: { command: ['ninja'] },
    apt: 'ninja-build',
    brew: 'ninja',
    apk: 'ninja-build',
    dnf: 'ninja-build',
    pacman: 'ninja',
  },
  {
    probe: { command: ['pkg-config'] },
    apt: 'pkg-config',
    brew: 'pkgconf',
    apk: 'pkgconf',
    dnf: 'pkgconf-pkg-config',
    pacman: 'pkgconf',
  },
  compiler,
  {
    probe: { command: ['flatc'] },
    apt: 'flatbuffers-compiler',
    brew: 'flatbuffers',
    apk: 'flatbuffers',
    dnf: 'flatbuffers-compiler',
    pacman: 'flatbuffers',
  },
  {
    probe: { library: 'flatbuffers' },
    apt: 'libflatbuffers-dev',
    brew: 'flatbuffers',
    apk: 'flatbuffers-dev',
    dnf: 'flatbuffers-devel',
    pacman: 'flatbuffers',
  },
  {
    probe: { library: 'libuv' },
    apt: 'libuv1-dev',
    brew: 'libuv',
    apk: 'libuv-dev',
    dnf: 'libuv-devel',
    pacman: 'libuv',
  },
  {
    probe: { library: 'openssl' },
    apt: 'libssl-dev',
    brew: 'openssl@3',
    apk: 'openssl-dev',
    dnf: 'openssl-devel',
    pacman: 'openssl',
  },
  {
    probe: { library: 'libsrtp2' },
    apt: 'libsrtp2-dev',
    brew: 'srtp',
    apk: 'libsrtp-dev',
    dnf: 'libsrtp-devel',
    pacman: 'libsrtp',
  },
  {
    probe: { library: 'usrsctp' },
    apt: 'libusrsctp-dev',
    brew: 'libusrsctp',
    apk: 'usrsctp-dev',
    dnf: 'usrsctp-devel',
    pacman: 'libusrsctp',
  },
  {
    probe: { library: 'absl_flat_hash_map' },
    apt: 'libabsl-dev',
    brew: 'abseil',
    apk: 'abseil-cpp-dev',
    dnf: 'abseil-cpp-devel',
    pacman: 'abseil-cpp',
  },
];

/** For compiling SQLite and its binding: what node-gyp calls. @type {SystemPackage[]} */
export const sqlitePackages = [
  { probe: { command: ['python3'] }, apt: 'python3', brew: 'python', apk: 'python3', dnf: 'python3', pacman: 'python' },
  { probe: { command: ['make'] }, apt: 'make', brew: 'make', apk: 'make', dnf: 'make', pacman: 'make' },
  compiler,
];

/**
 * For the tests, by the name that `PARLEY_REQUIRE` gives to what they prove.
 * @type {Record<string, SystemPackage[]>}
 */
export const testPackages = {
  browser: [
    {
      // Without the parts that draw windows: the pages of a test cost half as much. Elsewhere it is not packaged.
      probe: {
        command: isDebian
          ? ['chromium-headless-shell']
          : [
              'chromium',
              'chromium-browser',
              'google-chrome',
              'google-chrome-stable',
              '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
            ],
      },
      apt: isDebian ? 'chromium-headless-shell' : 'chromium',
      brew: 'chromium',
      apk: 'chromium',
      dnf: 'chromium',
      pacman: 'chromium',
    },
  ],
  firefox: [
    {
      probe: { command: ['firefox-esr', 'firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'] },
      apt: 'firefox-esr',
      brew: 'firefox',
      apk: 'firefox-esr',
      dnf: 'firefox',
      pacman: 'firefox',
    },
  ],
  coturn: [
    {
      probe: { command: ['turnserver'] },
      apt: 'coturn',
      brew: 'coturn',
      apk: 'coturn',
      dnf: 'coturn',
      pacman: 'coturn',
    },
  ],
  // Makes certificates.
  openssl: [
    {
      probe: { command: ['openssl'] },
      apt: 'openssl',
      brew: 'openssl@3',
      apk: 'openssl',
      dnf: 'openssl',
      pacman: 'openssl',
    },
  ],
  ffmpeg: [
    {
      probe: { command: ['ffprobe'] },
      apt: 'ffmpeg',
      brew: 'ffmpeg',
      apk: 'ffmpeg',
      dnf: 'ffmpeg-free',
      pacman: 'ffmpeg',
    },
  ],
  // Peers of the SIP agent: a load generator, two phones, a proxy, a prober.
  sipp: [
    {
      probe: { command: ['sipp'] },
      apt: 'sip-tester',
      brew: 'sipp',
      apk: 'sipp',
      dnf: 'sipp',
      pacman: 'sipp',
    },
  ],
  baresip: [
    {
      probe: { command: ['baresip'] },
      apt: 'baresip-core',
      brew: 'baresip',
      apk: 'baresip',
      dnf: 'baresip',
      pacman: 'baresip',
    },
  ],
  linphone: [
    {
      probe: { command: ['linphonec'] },
      apt: 'linphone-cli',
      brew: 'linphone',
      apk: 'linphone',
      dnf: 'linphone',
      pacman: 'linphone',
    },
  ],
  kamailio: [
    {
      probe: { command: ['kamailio', '/usr/sbin/kamailio'] },
      apt: 'kamailio',
      brew: 'kamailio',
      apk: 'kamailio',
      dnf: 'kamailio',
      pacman: 'kamailio',
    },
    {
      probe: { library: 'kamailio-websocket' },
      apt: 'kamailio-websocket-modules',
      brew: 'kamailio',
      apk: 'kamailio-websocket',
      dnf: 'kamailio-websocket',
      pacman: 'kamailio',
    },
  ],
  sipsak: [
    {
      probe: { command: ['sipsak'] },
      apt: 'sipsak',
      brew: 'sipsak',
      apk: 'sipsak',
      dnf: 'sipsak',
      pacman: 'sipsak',
    },
  ],
  redis: [
    {
      probe: { command: ['redis-server'] },
      apt: 'redis-server',
      brew: 'redis',
      apk: 'redis',
      dnf: 'redis',
      pacman: 'redis',
    },
  ],
  // A clock that is wrong.
  faketime: [
    {
      probe: { command: ['faketime'] },
      apt: 'faketime',
      brew: 'libfaketime',
      apk: 'libfaketime',
      dnf: 'libfaketime',
      pacman: 'libfaketime',
    },
  ],
  // Networks that are cut, slow or lose packets. Of Linux only, and for root: elsewhere these tests are skipped.
  netns: [
    {
      probe: { command: ['ip'] },
      apt: 'iproute2',
      brew: 'iproute2mac',
      apk: 'iproute2',
      dnf: 'iproute',
      pacman: 'iproute2',
    },
    {
      probe: { command: ['iptables'] },
      apt: 'iptables',
      brew: 'iptables',
      apk: 'iptables',
      dnf: 'iptables-nft',
      pacman: 'iptables',
    },
  ],
};

/** @type {Record<PackageManager, string>} */
const installWords = {
  apt: 'sudo apt-get install -y --no-install-recommends',
  brew: 'brew install',
  apk: 'sudo apk add',
  dnf: 'sudo dnf install -y',
  pacman: 'sudo pacman -S --needed',
};

/** @param {string} command a name, or a whole path */
function isOnPath(command) {
  const folders = command.startsWith('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * A command from anywhere will do. A library is asked for at dpkg where there is one: Debian ships some pkg-config files with
 * the shared library and without its headers.
 * @param {SystemPackage} entry
 */
function isPresent({ probe, apt }) {
  if ('command' in probe) return probe.command.some(isOnPath);
  if (detectPackageManager() !== 'apt') return spawnSync('pkg-config', ['--exists', probe.library]).status === 0;
  const { stdout } = spawnSync('dpkg-query', ['--status', apt], { encoding: 'utf8' });
  return /^Status: .* installed$/m.test(stdout ?? '');
}

/** @returns {PackageManager | undefined} */
export function detectPackageManager(platform = process.platform, hasCommand = isOnPath) {
  if (platform === 'darwin') return 'brew';
  if (hasCommand('apt-get') && hasCommand('dpkg-query')) return 'apt';
  return /** @type {const} */ (['apk', 'dnf', 'pacman']).find((manager) => hasCommand(manager));
}

/** @param {SystemPackage[]} packages @param {(entry: SystemPackage) => boolean} present */
export function missingPackages(packages, present = isPresent) {
  return packages.filter((entry) => !present(entry));
}

/** @param {SystemPackage[]} packages @param {PackageManager | undefined} manager */
export function installCommand(packages, manager) {
  if (!manager) return `install, with your system's package manager: ${packages.map((entry) => entry.apt).join(' ')}`;
  return `${installWords[manager]} ${[...new Set(packages.map((entry) => entry[manager]))].join(' ')}`;
}
