import { Command, CommanderError } from 'commander';
import { version } from '../package-root.ts';
import { addConfigCommand } from './config.ts';
import { addDoctorCommand } from './doctor.ts';
import { addDrainCommand } from './drain.ts';
import { addExportCommand } from './export.ts';
import { toFailureText } from './failure.ts';
import { addRecordingCommand } from './recording.ts';
import { addServeCommand } from './serve.ts';
import { addSipCommand } from './sip.ts';
import type { Terminal } from './terminal.ts';
import { addTokenCommand } from './token.ts';

/** Runs one command of `parley`. @returns the exit code, or undefined while a server runs. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const program = new Command('parley')
    .description('One server for chat, video rooms and calls.')
    .version(version)
    .showHelpAfterError('Add --help for what there is.')
    .configureHelp({ sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride();
  const commands = [
    addServeCommand,
    addTokenCommand,
    addConfigCommand,
    addDoctorCommand,
    addDrainCommand,
    addExportCommand,
    addRecordingCommand,
    addSipCommand,
  ];
  for (const add of commands) add(program, terminal);
  // exitOverride is not inherited by commands that were added by name.
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return undefined;
  } catch (error) {
    // What commander has printed itself: a mistyped flag, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    terminal.stderr.write(toFailureText(error, terminal.stderr));
    return 1;
  }
}
