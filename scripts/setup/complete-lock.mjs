// @ts-check
/**
 * Adds to a package-lock the optional packages of other platforms that npm left out.
 *
 * npm leaves an optional dependency out of the lock when the registry it asks does not offer it, as mirrors that carry one platform do. `npm ci` then
 * refuses that very lock, there and everywhere else (npm/cli issue 9846), and on the left-out platform nobody would get the package. What is missing
 * is known from its dependent: the name tells the platform, and the version is pinned.
 *
 * @param {any} lock package-lock.json, changed in place
 * @returns {string[]} what was added
 */
export function completeLock(lock) {
  /** @type {string[]} */
  const added = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isLocked(lock, path, name)) continue;
      if (!/^\d+\.\d+\.\d+/.test(version))
        throw new Error(`${path} asks for ${name}@${version}, which is no exact version`);
      const { cpu, os, libc } = platformOf(name);
      // In npm's own order, so that its next run changes nothing.
      lock.packages[`node_modules/${name}`] = {
        version,
        cpu,
        ...(entry.dev && { dev: true }),
        ...(libc && { libc }),
        optional: true,
        os,
      };
      added.push(`${name}@${version}`);
    }
  }
  if (added.length > 0)
    lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
  return added.sort();
}

/** Node's resolution: beside the dependent, then in every folder above. @param {any} lock @param {string} path @param {string} name */
function isLocked(lock, path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

const systems = new Set([
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
]);
/** @type {Record<string, string>} */
const processors = {
  arm: 'arm',
  armv7: 'arm',
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  loong64: 'loong64',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
};
/** @type {Record<string, string>} */
const libraries = { musl: 'musl', gnu: 'glibc', glibc: 'glibc' };

/** @param {string} name such as `@biomejs/cli-linux-x64-musl` */
export function platformOf(name) {
  const words = name.split(/[-/_]/);
  const os = words.find((word) => systems.has(word));
  const cpu = words.map((word) => processors[word]).find((word) => word !== undefined);
  const libc = words.map((word) => libraries[word]).find((word) => word !== undefined);
  if (!os || !cpu) throw new Error(`the name ${name} does not tell its platform`);
  return { cpu: [cpu], os: [os], libc: libc && [libc] };
}
