import { systemClock } from '../../core/clock.ts';
import { SipHeaders } from '../../sip/agent/messages/sip-headers.ts';
import type { CallerKind, Decision, PlanStep } from '../../sip/dial-plan/decision.ts';
import { Callers } from '../../sip/dial-plan/identify-caller.ts';
import { Logins } from '../../sip/dial-plan/logins.ts';
import type { PlanData } from '../../sip/dial-plan/plan-data.ts';
import { RulePlan } from '../../sip/dial-plan/rule-plan.ts';
import { Trunks } from '../../sip/trunks/trunks.ts';
import { StartError } from '../start-error.ts';
import { safe } from './sip-call-line.ts';
import { type Output, paint, wrap } from './terminal.ts';

/** A call that nobody makes. */
export interface ExplainedCall {
  readonly caller: string;
  /** By which of these three it comes; by none of them: from nobody known. */
  readonly user?: string;
  readonly trunk?: string;
  readonly from?: string;
  readonly header?: readonly (readonly [string, string])[];
}

/** @throws {StartError} for a trunk or user that the plan does not have. */
export async function explainCall(
  data: PlanData,
  called: string,
  flags: ExplainedCall,
  output: Output,
): Promise<string> {
  const clock = systemClock;
  const callers = new Callers(new Logins({ clock }, data), data);
  const [from, how] = callerOf(data, callers, flags);
  const decision = new RulePlan(data).decide({
    from,
    called,
    caller: flags.caller,
    callerName: '',
    headers: SipHeaders.of(flags.header ?? []),
    source: { address: flags.from ?? '127.0.0.1', port: 5060, protocol: 'udp' },
  });
  const steps = [...decision.steps];
  const { to } = decision;
  if (to.kind === 'number') {
    const trunks = new Trunks({ clock, plan: data, node: '', onListenerError: () => {} });
    const choice = trunks.choose({
      number: to.number,
      trunks: to.trunks,
      ...(from.kind === 'user' && { identity: from.identity }),
    });
    steps.push(...choice.steps);
    if (choice.refusal)
      steps.push({ what: 'trunks', outcome: 'refused', because: `${choice.refusal.reason}: ${choice.refusal.status}` });
    await trunks.close();
  }
  return `${safe(called)} ${how}\n\n${toLines(steps, output)}\n${conclusion(decision)}\n`;
}

function callerOf(data: PlanData, callers: Callers, flags: ExplainedCall): [CallerKind, string] {
  const { user, trunk, from } = flags;
  const unknown = (what: string, names: readonly string[]) =>
    new StartError('explaining the call', `The plan has no ${what}.`, {
      mend: `It has ${names.join(', ') || 'none'}.`,
    });
  if (user !== undefined) {
    if (!data.users.some(({ identity }) => identity === user))
      throw unknown(
        `user ${user}`,
        data.users.slice(0, 20).map(({ identity }) => identity),
      );
    return [{ kind: 'user', identity: user }, `from a phone of ${user}`];
  }
  if (trunk !== undefined) {
    if (!data.trunks.some(({ name }) => name === trunk))
      throw unknown(
        `trunk ${trunk}`,
        data.trunks.map(({ name }) => name),
      );
    return [{ kind: 'trunk', trunk }, `by the trunk ${trunk}`];
  }
  const known = from === undefined ? undefined : callers.trunkAt(from);
  if (known !== undefined) return [{ kind: 'trunk', trunk: known.name }, `from ${from}, by the trunk ${known.name}`];
  return [
    { kind: 'guest' },
    `from ${from ?? 'nobody known'}: no trunk has this address alone, and no password was said`,
  ];
}

function toLines(steps: readonly PlanStep[], output: Output): string {
  const width = Math.max(...steps.map(({ what }) => what.length)) + 2;
  const marks = {
    matched: paint('green', '✓', output),
    refused: paint('red', '✗', output),
    passed: '·',
    noted: '·',
  } as const;
  return steps
    .map(({ what, outcome, because }) => {
      const text = wrap(safe(because), width + 4, output.columns ?? Number.POSITIVE_INFINITY).trimStart();
      return `  ${marks[outcome]} ${what.padEnd(width)}${text}\n`;
    })
    .join('');
}

function conclusion({ to, caller }: Decision): string {
  const as = `as ${safe(caller.identity)}, ${safe(caller.name)}`;
  switch (to.kind) {
    case 'room':
      return `It enters the room ${to.room} ${as}${to.entrance.muted ? ', muted' : ''}.`;
    case 'user':
      return `It rings ${safe(to.identity)} for ${to.ringSeconds} s, ${as}.`;
    case 'pin':
      return `It is asked for the PIN of one of ${to.rooms.length} rooms, ${to.early ? 'before' : 'after'} it is answered.`;
    case 'number':
      return `It dials ${to.number}, if a trunk takes it.`;
    case 'reject':
      return `It is refused with ${to.status}${to.reason === '' ? '' : ` ${to.reason}`}.`;
  }
}
