import { type Command, InvalidArgumentError } from 'commander';
import type { Environment } from '../config/env-layer.ts';
import { type FlagSetting, type LoadedConfig, loadConfig } from '../config.ts';

/** What the flags of every command that reads the configuration give. */
export interface ConfigFlags {
  readonly config?: string;
  readonly dev?: boolean;
  readonly host?: string;
  readonly port?: string;
  readonly set?: readonly FlagSetting[];
}

export function addConfigFlags(command: Command): Command {
  return command
    .option('-c, --config <file>', 'YAML file to read (default: PARLEY_CONFIG, else ./parley.yaml if there is one)')
    .option('--dev', 'for development: guest tokens for anybody on this machine, no keys needed')
    .option('--set <option=value>', 'any option of docs/configuration.md; may be repeated', collectSetting);
}

export function addListenFlags(command: Command): Command {
  return command
    .option('--host <address>', 'address to listen on (gateway.host)')
    .option('--port <number>', 'port to listen on, 0 for a free one (gateway.port)');
}

/** @throws {ConfigError} */
export function loadConfigOf({ config, dev, host, port, set = [] }: ConfigFlags, env: Environment): LoadedConfig {
  const named: FlagSetting[] = [];
  if (dev) named.push({ flag: '--dev', path: 'dev', text: 'true' });
  if (host !== undefined) named.push({ flag: '--host', path: 'gateway.host', text: host });
  if (port !== undefined) named.push({ flag: '--port', path: 'gateway.port', text: port });
  return loadConfig({ file: config, flags: [...set, ...named], env });
}

function collectSetting(text: string, before: readonly FlagSetting[] = []): readonly FlagSetting[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as in --set rooms.maxPeers=20');
  return [...before, { flag: '--set', path: text.slice(0, at), text: text.slice(at + 1) }];
}
