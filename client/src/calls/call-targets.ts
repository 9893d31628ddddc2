import type { CallTargetInit } from '../../../proto/gen/types.ts';
import { requireText } from '../arguments.ts';
import { ParleyError } from '../errors.ts';
import type { CallTarget } from './calls-api.ts';

/** As dialled by people: what they put between digits to read them more easily is no part of a number (RFC 3966 section 5.1.1). */
const visualSeparators = /[\s().\-/\u2010-\u2015\u00a0]/g;

/** Targets as the contract has them. @throws {ParleyError} BAD_REQUEST */
export function toTargets(to: CallTarget | readonly CallTarget[]): CallTargetInit[] {
  const targets: readonly CallTarget[] = Array.isArray(to) ? to : [to];
  if (targets.length === 0) throw refusal('names nobody');
  return targets.map(toTarget);
}

/** @throws {ParleyError} BAD_REQUEST */
export function toTarget(to: CallTarget): CallTargetInit {
  if (typeof to !== 'object' || to === null) throw refusal('must be { user }, { number } or { uri }');
  const given = Object.entries(to).filter(([, value]) => value !== undefined);
  const [kind, value] = given[0] ?? [];
  if (given.length !== 1 || (kind !== 'user' && kind !== 'number' && kind !== 'uri')) {
    throw refusal('must have exactly one of user, number and uri');
  }
  requireText(`to.${kind}`, value);
  const text = String(value);
  return { [kind]: kind === 'number' ? text.replace(visualSeparators, '') : text };
}

function refusal(problem: string): ParleyError {
  return new ParleyError('BAD_REQUEST', `to ${problem}.`, { details: { field: 'to', problem } });
}
