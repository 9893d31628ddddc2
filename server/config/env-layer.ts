import { findNearest } from '../../core/nearest.ts';
import type { ConfigProblem } from './config-error.ts';
import { findOptionByEnvName, holdsSecret, optionList } from './option-list.ts';
import { type Layer, parseText, type Setting } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Variables that are ours and no options: the file to read, and what tests may not skip. */
const otherVariables = ['PARLEY_CONFIG', 'PARLEY_REQUIRE'];

/**
 * What Kubernetes puts into every container of a namespace with a service named `parley` or `parley-…`.
 * Some have the names of our options (PARLEY_GATEWAY_PORT), and are told by their value.
 */
function isServiceLink(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT)(_|$)/.test(name) || /_PORT_\d+_(TCP|UDP|SCTP)(_|$)/.test(name)) return true;
  return name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(value);
}

/** Reads the variables that start with PARLEY_. */
export function readEnvLayer(env: Environment): Layer {
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PARLEY_') || text === undefined || otherVariables.includes(name)) continue;
    if (isServiceLink(name, text)) continue;
    const option = findOptionByEnvName(name);
    if (option) settings.push({ option, value: parseText(option.schema, text), source: name });
    else problems.push({ path: '', source: 'environment', problem: unknownVariable(name) });
  }
  return { settings, problems };
}

/**
 * Takes what holds secrets out of the environment, once it is read: media workers, which run native code on what
 * strangers send, would inherit it.
 */
export function forgetSecrets(env: Record<string, string | undefined>): void {
  for (const { envName, schema } of optionList) {
    if (holdsSecret(schema)) delete env[envName];
  }
}

function unknownVariable(name: string): string {
  const nearest = findNearest(name, [...optionList.map((option) => option.envName), ...otherVariables]);
  return `${name} is not a variable of Parley${nearest ? `: did you mean ${nearest}?` : '. See docs/configuration.md'}`;
}
