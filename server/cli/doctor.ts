import { type Command, CommanderError } from 'commander';
import type { Finding } from '../doctor/check.ts';
import { version } from '../package-root.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { type Output, paint, type Terminal, wrap } from './terminal.ts';

interface DoctorFlags extends ConfigFlags {
  readonly url?: string;
  readonly token?: string;
}

const marks = { fine: ['green', '✓'], warning: ['yellow', '!'], broken: ['red', '✗'] } as const;
const subjectWidth = 16;

export function addDoctorCommand(program: Command, { stdout, env }: Terminal): void {
  const command = program
    .command('doctor')
    .description('Looks for what would keep the server from working, and names the option that mends it.');
  addListenFlags(addConfigFlags(command))
    .option('--url <address>', 'try the way from here to a server that runs elsewhere, as in https://call.example.org')
    .option('--token <token>', 'any valid token of that server (default: one signed with the configured secret)')
    .addHelpText(
      'after',
      `
Examples:
  parley doctor --dev                 before the first parley serve --dev
  parley doctor --config parley.yaml  before a server goes into service
  parley doctor --url https://call.example.org --token "$TOKEN"
                                      from any machine: signaling, UDP, TCP and relays, one by one

Exits with 1 when something is broken; warnings leave it at 0.`,
    )
    .action(async (flags: DoctorFlags) => {
      const loaded = loadConfigOf(flags, env);
      // Not at the top: it loads the native parts, which the other commands do without.
      const { examine, examineElsewhere } = await import('../doctor/examine.ts');
      stdout.write(`\n  ${paint('bold', 'Parley', stdout)} ${version}\n\n`);
      const { url, token } = flags;
      const source = loaded.file === undefined ? 'no file; defaults, environment and flags' : loaded.file;
      stdout.write(toLines({ verdict: 'fine', subject: 'Configuration', text: source }, stdout));
      const counts = { fine: 1, warning: 0, broken: 0 };
      const findings = url === undefined ? examine(loaded.config) : examineElsewhere(loaded.config, { url, token });
      for await (const finding of findings) {
        counts[finding.verdict] += 1;
        stdout.write(toLines(finding, stdout));
      }
      stdout.write(`\n  ${summarise(counts, stdout)}\n\n`);
      if (counts.broken > 0) throw new CommanderError(1, 'parley.broken', 'something is broken');
    });
}

function toLines({ verdict, subject, text, mend }: Finding, output: Output): string {
  const [colour, mark] = marks[verdict];
  const first = `  ${paint(colour, mark, output)} ${subject.padEnd(subjectWidth)}${text}\n`;
  return mend === undefined ? first : `${first}${paint('cyan', wrap(`→ ${mend}`, subjectWidth + 4), output)}\n`;
}

function summarise({ warning, broken }: Readonly<Record<Finding['verdict'], number>>, output: Output): string {
  const warnings = warning === 1 ? '1 warning' : `${warning} warnings`;
  if (broken > 0) return paint('red', `${broken} broken, ${warnings}.`, output);
  return warning > 0
    ? paint('yellow', `It can run, with ${warnings}.`, output)
    : paint('green', 'All is well.', output);
}
