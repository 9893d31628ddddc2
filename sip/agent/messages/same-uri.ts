import type { Parameters } from './parameters.ts';
import type { SipUri, Uri } from './parse-uri.ts';

/** Of which a URI that has one, and one that has none, differ (RFC 3261 section 19.1.4); all others count only where both have them. */
const mustMatch = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Whether two URIs are one, by the rules of RFC 3261 section 19.1.4: `sip:a@x` is not `sip:a@x:5060`. */
export function sameUri(one: Uri, other: Uri): boolean {
  if (one.scheme === 'other' || other.scheme === 'other')
    return one.scheme === 'other' && other.scheme === 'other' && one.text === other.text;
  if (one.scheme === 'tel' || other.scheme === 'tel') {
    return one.scheme === 'tel' && other.scheme === 'tel' && one.number.toLowerCase() === other.number.toLowerCase();
  }
  return (
    one.scheme === other.scheme &&
    one.user === other.user &&
    one.password === other.password &&
    one.host.toLowerCase() === other.host.toLowerCase() &&
    one.port === other.port &&
    sameParameters(one, other) &&
    sameHeaders(one.headers, other.headers)
  );
}

function sameParameters(one: SipUri, other: SipUri): boolean {
  for (const name of mustMatch) if (one.parameters.has(name) !== other.parameters.has(name)) return false;
  for (const [name, value] of one.parameters) {
    const mirror = other.parameters.get(name);
    if (mirror !== undefined && mirror.toLowerCase() !== value.toLowerCase()) return false;
  }
  return true;
}

function sameHeaders(one: Parameters, other: Parameters): boolean {
  const plain = (headers: Parameters) => new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));
  const [mine, theirs] = [plain(one), plain(other)];
  return mine.size === theirs.size && [...mine].every(([name, value]) => theirs.get(name) === value);
}
