import { parseParameters } from './parameters.ts';

/** Which dialog an INVITE wants to take the place of (RFC 3891 section 6.1). */
export interface Replaces {
  readonly callId: string;
  readonly toTag: string;
  readonly fromTag: string;
  readonly earlyOnly: boolean;
}

export function parseReplaces(text: string): Replaces | undefined {
  const [callId = '', ...rest] = text.split(';');
  const parameters = parseParameters(rest.join(';'));
  const [toTag, fromTag] = [parameters.get('to-tag'), parameters.get('from-tag')];
  if (callId.trim() === '' || toTag === undefined || fromTag === undefined) return undefined;
  return { callId: callId.trim(), toTag, fromTag, earlyOnly: parameters.has('early-only') };
}
