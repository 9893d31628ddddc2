// @ts-check
import { readFileSync } from 'node:fs';

/** `debian 12`, and nothing where the system has no os-release(5). What is compiled against one distribution's libraries is not for another. */
export function distribution() {
  try {
    const text = readFileSync('/etc/os-release', 'utf8');
    return ['ID', 'VERSION_ID'].map((key) => new RegExp(`^${key}="?([^"\n]*)`, 'm').exec(text)?.[1] ?? '').join(' ');
  } catch {
    return '';
  }
}
