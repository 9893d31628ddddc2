import { parseNameAddr } from '../../agent/messages/parse-name-addr.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import { userOf } from '../user-of.ts';

/** Whom a phone sends its calls on to; undefined for any other failure, and for one that says nothing that could be dialled. */
export function redirection(error: unknown): string | undefined {
  if (!(error instanceof SipFailure) || (error.status !== 301 && error.status !== 302)) return undefined;
  const contact = error.headers?.get('Contact');
  const user = contact === undefined ? '' : userOf(parseNameAddr(contact)?.uri ?? '');
  return user === '' ? undefined : user;
}
