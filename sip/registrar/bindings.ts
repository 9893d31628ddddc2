import { noParameters, type Parameters } from '../agent/messages/parameters.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import { sameUri } from '../agent/messages/same-uri.ts';

/** One Contact of a REGISTER. */
export interface WantedBinding {
  readonly uri: string;
  readonly parameters: Parameters;
  /** 0 ends it. */
  readonly seconds: number;
  readonly q: number;
  /** `+sip.instance` and `reg-id` together (RFC 5626 section 4.2): the phone itself, wherever it is; '' where it does not say. */
  readonly instance: string;
}

/** One that holds. */
export interface Binding extends Omit<WantedBinding, 'seconds'> {
  readonly id: string;
  readonly callId: string;
  readonly sequence: number;
  readonly untilMs: number;
}

/** Whether a Contact is one that is bound already: by the phone it is of, or by its address (RFC 3261 section 10.3). */
export function isSameBinding(
  one: Pick<Binding, 'uri' | 'instance'>,
  other: Pick<Binding, 'uri' | 'instance'>,
): boolean {
  if (one.instance !== '' && other.instance !== '') return one.instance === other.instance;
  if (one.uri === other.uri) return true;
  const [mine, theirs] = [parseUri(one.uri), parseUri(other.uri)];
  return mine !== undefined && theirs !== undefined && sameUri(mine, theirs);
}

/** The name of a phone in Contact, or ''. */
export function instanceOf(parameters: Parameters = noParameters): string {
  const instance = parameters.get('+sip.instance');
  return instance === undefined || instance.length > 256 ? '' : `${instance};${parameters.get('reg-id') ?? ''}`;
}
