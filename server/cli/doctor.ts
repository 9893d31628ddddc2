import type { Command } from 'commander';
import type { Finding } from '../doctor/check.ts';
import { version } from '../package-root.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { paint } from './terminal.ts';

const marks = {
  fine: () => paint('green', '✓'),
  warning: () => paint('yellow', '!'),
  broken: () => paint('red', '✗'),
} as const;
const subjectWidth = 16;

export function addDoctorCommand(program: Command): void {
  const command = program
    .command('doctor')
    .description('Looks for what would keep the server from working, and names the option that mends it.');
  addListenFlags(addConfigFlags(command))
    .addHelpText(
      'after',
      `
Examples:
  parley doctor --dev                 before the first parley serve --dev
  parley doctor --config parley.yaml  before a server goes into service

Exits with 1 when something is broken; warnings leave it at 0.`,
    )
    .action(async (flags: ConfigFlags) => {
      const loaded = loadConfigOf(flags);
      // Not at the top: it loads the native parts, which the other commands do without.
      const { examine } = await import('../doctor/examine.ts');
      process.stdout.write(`\n  ${paint('bold', 'Parley')} ${version}\n\n`);
      const source = loaded.file === undefined ? 'no file; defaults, environment and flags' : loaded.file;
      process.stdout.write(toLines({ verdict: 'fine', subject: 'Configuration', text: source }));
      const counts = { fine: 1, warning: 0, broken: 0 };
      for await (const finding of examine(loaded.config)) {
        counts[finding.verdict] += 1;
        process.stdout.write(toLines(finding));
      }
      process.stdout.write(`\n  ${summarise(counts)}\n\n`);
      if (counts.broken > 0) process.exitCode = 1;
    });
}

function toLines({ verdict, subject, text, mend }: Finding): string {
  const first = `  ${marks[verdict]()} ${subject.padEnd(subjectWidth)}${text}\n`;
  return mend === undefined ? first : `${first}${' '.repeat(subjectWidth + 4)}${paint('cyan', `→ ${mend}`)}\n`;
}

function summarise({ warning, broken }: Readonly<Record<Finding['verdict'], number>>): string {
  const warnings = warning === 1 ? '1 warning' : `${warning} warnings`;
  if (broken > 0) return paint('red', `${broken} broken, ${warnings}.`);
  return warning > 0 ? paint('yellow', `It can run, with ${warnings}.`) : paint('green', 'All is well.');
}
