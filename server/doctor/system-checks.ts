import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { packageJson } from '../package-root.ts';
import { type Check, type Finding, fine, warning } from './check.ts';

/** Files besides connections: the page, modules, pipes to workers. */
const otherFiles = 256;
const comfortableBytes = 512 * 1024 * 1024;

export const checkNode: Check = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [floorMajor = 0, floorMinor = 0] = (/(\d+)\.(\d+)/.exec(packageJson.engines.node) ?? []).slice(1).map(Number);
  const recent = major > floorMajor || (major === floorMajor && minor >= floorMinor);
  if (recent) return [fine('Node.js', process.versions.node)];
  return [
    warning('Node.js', `${process.versions.node} is older than ${packageJson.engines.node}`, 'install a newer Node.js'),
  ];
};

export const checkOpenFiles: Check = ({ gateway: { maxConnections } }) => {
  const limit = readOpenFilesLimit();
  return limit === undefined ? [] : [judgeOpenFiles(limit, maxConnections)];
};

/** Each connection is an open file; beyond the limit new ones fail without a word. */
export function judgeOpenFiles(limit: number, maxConnections: number): Finding {
  const needed = maxConnections + otherFiles;
  if (limit >= needed) return fine('Open files', `${limit} are allowed, ${needed} needed`);
  return warning(
    'Open files',
    `${limit} are allowed, and ${maxConnections} connections need ${needed}`,
    `gateway.maxConnections: ${Math.max(limit - otherFiles, 1)}, or raise the limit (ulimit -n, LimitNOFILE=)`,
  );
}

export const checkMemory: Check = () => {
  // Of the container where it has a limit of its own.
  const available = process.availableMemory?.() ?? freemem();
  const shown = `${Math.round(available / 1024 / 1024)} MB free`;
  if (available >= comfortableBytes) return [fine('Memory', shown)];
  return [
    warning('Memory', `${shown}: a worker and the gateway want some hundred`, 'stop something else, or give it more'),
  ];
};

/** Linux tells; elsewhere it is not known without a shell. */
function readOpenFilesLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}
