import type { Command } from 'commander';
import { toConfigYaml } from '../config/config-yaml.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import type { Terminal } from './terminal.ts';

export function addConfigCommand(program: Command, { stdout, env }: Terminal): void {
  const command = program
    .command('config')
    .description('Prints the options in effect as YAML, each with where it comes from; secrets are masked.');
  addListenFlags(addConfigFlags(command))
    .option('--changed', 'only what is not a default')
    .addHelpText(
      'after',
      `
Examples:
  parley config                          everything that is in effect here
  parley config --changed                what the file, the environment and the flags change
  parley config --config new.yaml        check a file before it is used`,
    )
    .action(({ changed = false, ...flags }: ConfigFlags & { changed?: boolean }) => {
      stdout.write(toConfigYaml(loadConfigOf(flags, env), { onlyChanged: changed }));
    });
}
