import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { maskPlan } from '../../sip/dial-plan/file/mask-plan.ts';
import { PlanError } from '../../sip/dial-plan/file/plan-problem.ts';
import { warnOfPlan } from '../../sip/dial-plan/file/plan-warnings.ts';
import { loadPlan } from '../../sip/dial-plan/open-plan.ts';
import type { PlanData } from '../../sip/dial-plan/plan-data.ts';
import type { TrunkState } from '../../sip/trunks/trunks.ts';
import { sipTrunksOpenPath, sipTrunksPath } from '../http/sip-trunks.ts';
import { StartError } from '../start-error.ts';
import { addConfigFlags, addListenFlags, type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { type ExplainedCall, explainCall } from './explain-call.ts';
import { createSipAsk, type SipAskFlags } from './sip-ask.ts';
import { safe } from './sip-call-line.ts';
import { paint, type Terminal } from './terminal.ts';
import { toTrunkText } from './trunk-text.ts';

interface CheckFlags extends ConfigFlags {
  readonly print?: boolean;
}

interface ExplainFlags extends ConfigFlags, ExplainedCall {
  readonly file?: string;
}

interface TrunksFlags extends SipAskFlags {
  readonly open?: string;
}

/** `parley sip plan check`, `explain` and `trunks`. */
export function addSipPlanCommands(sip: Command, program: Command, { stdout, env }: Terminal): void {
  const plan = sip.command('plan').description('Looks into the dial plan: who may register, and what calls lead to.');

  addConfigFlags(plan.command('check [file]').description('Reads a plan, and says all that is wrong with it.'))
    .option('--print', 'prints the plan, without passwords and PINs')
    .addHelpText(
      'after',
      `
Without a file: the one of sip.planFile. A server that runs reads its plan again
by itself a moment after it changed, or at once when it gets SIGHUP.

Examples:
  parley sip plan check dial-plan.yaml
  parley sip plan check && kill -HUP $(pidof parley)`,
    )
    .action(async (named: string | undefined, { print = false, ...flags }: CheckFlags) => {
      const file = planFileOf(named, flags, env);
      const plan = await load(file);
      const { users, trunks, rules } = plan;
      if (print) stdout.write(maskPlan(readFileSync(file, 'utf8')));
      else {
        const counts = `users: ${users.length}, trunks: ${trunks.length}, rules: ${rules.length}`;
        stdout.write(`${paint('green', '✓', stdout)} ${file} can be used. It has ${counts}\n`);
        for (const warning of warnOfPlan(plan)) stdout.write(`${paint('yellow', '!', stdout)} ${safe(warning)}\n`);
      }
    });

  addConfigFlags(plan.command('explain <called>').description('Says what a call would lead to, and why.'))
    .option('--file <file>', 'the plan (default: that of sip.planFile)')
    .option('--caller <number>', 'who calls, as From says', '')
    .option('--user <identity>', 'it comes from a phone of this user')
    .option('--trunk <name>', 'it comes by this trunk')
    .option('--from <address>', 'it comes from this address: by the trunk that has it, or from nobody known')
    .option('--header <name: value>', 'a header field of the call; may be repeated', collectHeader)
    .addHelpText(
      'after',
      `
Nothing is sent and nothing is counted: limits are taken to be those of a day on
which nobody has called yet.

Examples:
  parley sip plan explain 100 --user ann
  parley sip plan explain +4930123456999 --from 198.51.100.7 --caller 01701234567
  parley sip plan explain 0891234567 --user ann --file dial-plan.yaml`,
    )
    .action(async (called: string, flags: ExplainFlags) => {
      const data = await load(planFileOf(flags.file, flags, env));
      stdout.write(await explainCall(data, called, flags, stdout));
    });

  addListenFlags(
    addConfigFlags(plan.command('trunks').description('Lists what the trunks of the server that runs have carried.')),
  )
    .option('--open <trunk>', 'opens one that was closed for too many calls to expensive numbers')
    .option('--url <url>', 'where the server listens (default: as configured, on this machine)')
    .option(
      '--token <token>',
      'one that grants moderate in every room (default: signed with cluster.secret or the configured key)',
    )
    .addHelpText(
      'after',
      `
Each node lists its own calls. Limits hold for all nodes of a cluster together,
and so does --open.

Examples:
  parley sip plan trunks
  parley sip plan trunks --open provider`,
    )
    .action(async ({ open, ...flags }: TrunksFlags) => {
      const ask = createSipAsk(flags, env, 'asking about trunks');
      const { trunks } = await (open === undefined
        ? ask<{ trunks: readonly TrunkState[] }>(sipTrunksPath)
        : ask<{ trunks: readonly TrunkState[] }>(sipTrunksOpenPath, {
            query: { trunk: open },
            body: new Uint8Array(),
          }));
      stdout.write(
        trunks.length === 0
          ? 'The plan has no trunks.\n'
          : trunks.map((trunk) => toTrunkText(trunk, stdout)).join('\n'),
      );
    });
  for (const command of plan.commands) command.copyInheritedSettings(program);
}

/** @throws {StartError} */
function planFileOf(named: string | undefined, flags: ConfigFlags, env: Terminal['env']): string {
  const file = named ?? loadConfigOf(flags, env).config.sip.planFile;
  if (file !== '') return file;
  throw new StartError('reading the dial plan', 'There is none: sip.planFile is empty.', {
    mend: 'Name a file, or the options of the server with --config. docs/examples/dial-plan.yaml is one to begin with.',
  });
}

/** @throws {PlanError} @throws {StartError} */
async function load(file: string): Promise<PlanData> {
  try {
    return await loadPlan(file);
  } catch (cause) {
    if (cause instanceof PlanError) throw cause;
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError('reading the dial plan', `${problem}.`, { mend: 'Name a file that can be read.', cause });
  }
}

function collectHeader(
  text: string,
  before: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError('Write it as in --header "X-Customer: acme"');
  return [...before, [text.slice(0, colon).trim(), text.slice(colon + 1).trim()]];
}
