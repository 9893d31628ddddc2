import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import type { Explanation, Step } from '../../sip/explain.ts';
import { drawLadder } from '../../sip/ladder/draw-ladder.ts';
import type { KeptCall } from '../../sip/ladder/ladders.ts';
import { type PhoneList, sipPhonesPath } from '../http/sip-phones.ts';
import { StartError } from '../start-error.ts';
import { addConfigFlags, addListenFlags } from './config-flags.ts';
import { toPhoneTable } from './phone-table.ts';
import { createSipAsk, type SipAskFlags } from './sip-ask.ts';
import { type CallLine, safe, toCallLine } from './sip-call-line.ts';
import { addSipPlanCommands } from './sip-plan.ts';
import { type Output, paint, type Terminal, wrap } from './terminal.ts';

interface TraceFlags extends SipAskFlags {
  readonly full?: boolean;
}

interface PhonesFlags extends SipAskFlags {
  readonly user?: string;
}

interface ExplainFlags extends SipAskFlags {
  readonly from?: string;
}

const callsPath = '/api/v1/sip/calls';

export function addSipCommand(program: Command, { stdout, stderr, env }: Terminal): void {
  const sip = program
    .command('sip')
    .description('Looks into the SIP agent of the server that runs, and into its dial plan.');
  const add = (name: string, description: string) =>
    addListenFlags(addConfigFlags(sip.command(name).description(description)))
      .option('--url <url>', 'where the server listens (default: as configured, on this machine)')
      .option(
        '--token <token>',
        'one that grants moderate in every room (default: signed with cluster.secret or the configured key)',
      );

  add('trace [call-id...]', 'Draws the messages of a call as a ladder; without a call lists those that are kept.')
    .option('--full', 'with every message whole')
    .addHelpText(
      'after',
      `
Several calls are drawn together, as the legs of one. Passwords, keys and PINs
were taken out before anything was kept.

Examples:
  parley sip trace
  parley sip trace 3848276298220188511@203.0.113.7
  parley sip trace --full first-leg second-leg`,
    )
    .action(async (callIds: readonly string[], { full = false, ...flags }: TraceFlags) => {
      const ask = createSipAsk(flags, env, 'reading the trace');
      if (callIds.length === 0) {
        const { calls, kept = true } = await ask<{ calls: readonly CallLine[]; kept?: boolean }>(callsPath);
        const none = kept ? 'No call was there yet.\n' : 'Nothing is kept of calls: sip.trace.enabled is off.\n';
        stdout.write(calls.length === 0 ? none : calls.map((call) => toCallLine(call, stdout)).join(''));
        return;
      }
      const calls = await Promise.all(callIds.map((id) => ask<KeptCall>(callsPath, { query: { id } })));
      stdout.write(drawLadder(calls, { full, columns: stdout.columns }));
    });

  add('explain <file>', 'Says for a SIP message which rule would stop it, and why the others would not.')
    .option('--from <address>', 'where it is taken to come from (default: where its Via says)')
    .addHelpText(
      'after',
      `
The file holds one message as it stands in a trace; - reads it from standard
input. Nothing is sent and nothing is counted.

Examples:
  parley sip explain invite.sip --from 203.0.113.7
  parley sip explain - < invite.sip`,
    )
    .action(async (file: string, { from, ...flags }: ExplainFlags) => {
      const bytes = readMessage(file);
      const ask = createSipAsk(flags, env, 'explaining the message');
      const query = from === undefined ? {} : { from };
      stdout.write(toText(await ask<Explanation>('/api/v1/sip/explain', { query, body: bytes }), stdout));
    });
  add('phones', 'Lists the phones that are registered: whose, where, until when.')
    .option('--user <identity>', 'of one user')
    .addHelpText(
      'after',
      `
Each node lists its own phones whole, and of other nodes which of them have
phones of a user: ask those for more.

Examples:
  parley sip phones
  parley sip phones --user ann`,
    )
    .action(async ({ user, ...flags }: PhonesFlags) => {
      const ask = createSipAsk(flags, env, 'asking about phones');
      const list = await ask<PhoneList>(sipPhonesPath, user === undefined ? {} : { query: { user } });
      stdout.write(toPhoneTable(list, systemClock.nowMs()));
    });
  addSipPlanCommands(sip, program, { stdout, stderr, env });
  for (const command of sip.commands) command.copyInheritedSettings(program);
}

function readMessage(file: string): Buffer {
  try {
    // 0 is standard input.
    return readFileSync(file === '-' ? 0 : file);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new StartError('explaining the message', `${problem}.`, {
      mend: 'Name a file with one message, or - for standard input.',
      cause,
    });
  }
}

function toText({ from, request, steps }: Explanation, output: Output): string {
  const stopping = steps.findIndex(({ stops }) => stops);
  const width = Math.max(...steps.map(({ rule }) => rule.length)) + 2;
  const lines = steps.map((step, at) => {
    const [colour, mark] = !step.stops
      ? (['green', '✓'] as const)
      : at === stopping
        ? (['red', '✗'] as const)
        : (['yellow', '!'] as const);
    const because = `${safe(step.because)}${toEnd(step, at > stopping)}`;
    const text = wrap(because, width + 4, output.columns ?? Number.POSITIVE_INFINITY).trimStart();
    return `  ${paint(colour, mark, output)} ${step.rule.padEnd(width)}${text}\n`;
  });
  const head = request === '' ? '' : `${safe(request)}\nfrom ${safe(from)}\n\n`;
  const rule = steps[stopping];
  return `${head}${lines.join('')}\n${rule === undefined ? 'Nothing stops it.' : `It is stopped by ${rule.rule}${toEnd(rule, false)}.`}\n`;
}

function toEnd({ stops, answer }: Step, isBehind: boolean): string {
  if (!stops) return '';
  const what = answer === 'drop' ? 'no answer' : String(answer ?? '');
  return isBehind ? ` (would get ${what}, were it not stopped before)` : `: ${what}`;
}
