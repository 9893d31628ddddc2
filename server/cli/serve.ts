import type { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { forgetSecrets } from '../config/env-layer.ts';
import { createPinoLogger, writesText } from '../log-pino.ts';
import { handleSignals } from '../shutdown.ts';
import { toBanner } from './banner.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import type { Terminal } from './terminal.ts';

export function addServeCommand(program: Command, { stdout, env }: Terminal): void {
  const command = program.command('serve').description('Starts the server.');
  addListenFlags(addConfigFlags(command))
    .addHelpText(
      'after',
      `
Examples:
  parley serve --dev                            try it on this machine, without any keys
  parley serve --dev --port 9000                on another port
  parley serve --config /etc/parley.yaml        with a file of options
  PARLEY_GATEWAY_HOST=0.0.0.0 parley serve      options also come from the environment

The first Ctrl-C or SIGTERM lets clients go, the second stops at once. SIGHUP
reads the dial plan again.`,
    )
    .action(async (flags: ConfigFlags) => {
      const { config } = loadConfigOf(flags, env);
      forgetSecrets(env);
      // Not at the top: the native parts take a while to load, and the other commands do without them.
      const { createApp } = await import('../app.ts');
      const log = createPinoLogger(config.log);
      const app = createApp(config, { log });
      const signals = handleSignals({
        app,
        log,
        clock: systemClock,
        source: process,
        exit: (code) => process.exit(code),
        fromTerminal: process.stdin.isTTY,
      });
      const started = await app.start().catch((error: unknown) => {
        // Ctrl-C came before it had started: that it does not start now is what was asked for.
        if (signals.stopping) return undefined;
        throw error;
      });
      if (started && writesText(config.log)) stdout.write(toBanner(config, started, stdout));
    });
}
