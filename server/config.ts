// The options of the server: defaults, then a file, then the environment, then flags.

import { existsSync } from 'node:fs';
import { checkItems, checkValue } from './config/check-value.ts';
import { ConfigError, type ConfigProblem } from './config/config-error.ts';
import { type Environment, readEnvLayer } from './config/env-layer.ts';
import { readFileLayer, unknownOption } from './config/file-layer.ts';
import { findOption, optionList } from './config/option-list.ts';
import { findKeyBreaches, findRuleBreaches } from './config/rules.ts';
import type { Config, PartialConfig } from './config/schema.ts';
import { type Layer, parseText, type Setting } from './config/setting.ts';

const defaultFile = 'parley.yaml';

/** An option given on the command line: `flag` is what was typed, as in `--port` or `--set`. */
export interface FlagSetting {
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where an option's value comes from: `default`, `parley.yaml:3`, `PARLEY_GATEWAY_PORT`, `--port`. */
  sourceOf(path: string): string;
  /** The file that was read, if any. */
  readonly file: string | undefined;
}

/**
 * Reads all sources. The file is `file`, else PARLEY_CONFIG, else ./parley.yaml if there is one.
 * @throws {ConfigError} with everything that is wrong.
 */
export function loadConfig({
  file,
  flags = [],
  env = process.env,
}: {
  file?: string | undefined;
  flags?: readonly FlagSetting[];
  env?: Environment;
} = {}): LoadedConfig {
  const chosen = file ?? (env['PARLEY_CONFIG'] || (existsSync(defaultFile) ? defaultFile : undefined));
  const fileLayer: Layer = chosen === undefined ? { settings: [], problems: [] } : readFileLayer(chosen);
  return { ...resolve([fileLayer, readEnvLayer(env), readFlagLayer(flags)]), file: chosen };
}

/** Options from code, checked like all others. @throws {ConfigError} */
export function createConfig(overrides: PartialConfig = {}): Config {
  const settings = optionList
    .map((option) => ({ option, value: valueAt(overrides, option.path), source: 'code' }))
    .filter(({ value }) => value !== undefined);
  return resolve([{ settings, problems: [] }]).config;
}

function readFlagLayer(flags: readonly FlagSetting[]): Layer {
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = [];
  for (const { flag, path, text } of flags) {
    const option = findOption(path);
    if (option) settings.push({ option, value: parseText(option.schema, text), source: flag });
    else problems.push({ path, source: flag, problem: unknownOption(path) });
  }
  return { settings, problems };
}

function resolve(layers: readonly Layer[]): Omit<LoadedConfig, 'file'> {
  const problems: ConfigProblem[] = layers.flatMap((layer) => layer.problems);
  const settings = layers.flatMap((layer) => layer.settings);
  const chosen = new Map<string, Setting>();
  for (const setting of settings) {
    const { option, value: given, source, sourceInside } = setting;
    // What a later layer overrides is checked too: it would come back the day that the later one goes.
    const checked = checkValue(option.schema, given);
    if ('value' in checked) chosen.set(option.path, { ...setting, value: checked.value });
    else
      for (const { path, problem } of checked.complaints) {
        problems.push({ path: option.path + path, source: sourceInside?.(path) ?? source, problem });
      }
  }
  const sourceOf = (path: string) => chosen.get(path)?.source ?? 'default';

  const config: Record<string, unknown> = {};
  const dev = chosen.get('dev')?.value === true;
  for (const { path, schema } of optionList) {
    const byDefault = dev && schema.devDefault !== undefined ? schema.devDefault : schema.default;
    put(config, path, chosen.has(path) ? chosen.get(path)?.value : structuredClone(byDefault));
  }
  const complete = deepFreeze(config) as unknown as Config;
  for (const { path, problem } of findRuleBreaches(complete, (option) => chosen.has(option))) {
    const source = sourceOf(path);
    problems.push({ path, problem, source: source === 'default' ? '' : source });
  }
  problems.push(...findKeyProblems(settings));
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: complete, sourceOf };
}

/** Of the list that is in effect, whether or not all of it is valid: everything is told at once. */
function findKeyProblems(settings: readonly Setting[]): readonly ConfigProblem[] {
  const setting = settings.findLast(({ option }) => option.path === 'identity.keys');
  if (!setting) return [];
  const { option, value, source, sourceInside } = setting;
  const keys = checkItems(option.schema, value) as Parameters<typeof findKeyBreaches>[0];
  return findKeyBreaches(keys).map(({ path, problem }) => {
    const inside = path.slice(option.path.length);
    return { path, problem, source: sourceInside?.(inside) ?? source };
  });
}

function put(target: Record<string, unknown>, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() as string;
  let at = target;
  for (const step of steps) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  at[last] = value;
}

function valueAt(tree: object, path: string): unknown {
  return path.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], tree);
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
