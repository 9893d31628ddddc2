import { parseNameAddr } from '../agent/messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../agent/messages/parse-session-expires.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import type { RegistrationRules } from '../dial-plan/plan-data.ts';
import { instanceOf, type WantedBinding } from './bindings.ts';

/** What a REGISTER wants, or why it cannot have it. */
export type Wanted =
  | { readonly kind: 'bind'; readonly bindings: readonly WantedBinding[] }
  /** `Contact: *`: all of them end. */
  | { readonly kind: 'clear' }
  /** No Contact: it asks what is bound. */
  | { readonly kind: 'ask' }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 423; readonly reason: string };

/** What is told again in answers; others could have any length. */
const kept: ReadonlySet<string> = new Set(['q', '+sip.instance', 'reg-id']);
/** Longer ones would be handed on to all who call it. */
const longestUri = 1_024;

export function readRegister(headers: SipHeaders, rules: RegistrationRules): Wanted {
  const contacts = headers.all('Contact');
  const expires = parseDeltaSeconds(headers.get('Expires') ?? '');
  if (contacts.length === 0) return { kind: 'ask' };
  if (contacts.some((text) => text.trim() === '*')) {
    if (contacts.length === 1 && expires === 0) return { kind: 'clear' };
    return { kind: 'refused', status: 400, reason: 'Contact * Needs Expires 0 And Stands Alone' };
  }
  if (contacts.length > rules.phonesPerUser) return { kind: 'refused', status: 403, reason: 'Too Many Contacts' };
  const bindings: WantedBinding[] = [];
  for (const text of contacts) {
    const contact = parseNameAddr(text);
    const uri = contact && parseUri(contact.uri);
    if (contact === undefined || contact.uri.length > longestUri || (uri?.scheme !== 'sip' && uri?.scheme !== 'sips'))
      return { kind: 'refused', status: 400, reason: 'Contact Is No SIP URI' };
    const { parameters } = contact;
    const asked = parseDeltaSeconds(parameters.get('expires') ?? '') ?? expires ?? rules.defaultSeconds;
    if (asked > 0 && asked < rules.minSeconds) return { kind: 'refused', status: 423, reason: 'Interval Too Brief' };
    const seconds = Math.min(asked, rules.maxSeconds);
    bindings.push({
      uri: contact.uri,
      parameters: new Map([...parameters].filter(([name]) => kept.has(name))),
      seconds,
      q: readQ(parameters.get('q')),
      instance: instanceOf(parameters),
    });
  }
  return { kind: 'bind', bindings };
}

/** Without one, or with one that is none, a phone is as good as any. */
function readQ(text: string | undefined): number {
  return text !== undefined && /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}
