import type { SipRequest } from './message.ts';
import { parseCSeq } from './parse-cseq.ts';
import { parseNameAddr } from './parse-name-addr.ts';
import { parseUri } from './parse-uri.ts';
import { parseVia } from './parse-via.ts';

/** What a server can do, as far as a request may ask for it. */
export interface Abilities {
  readonly methods: ReadonlySet<string>;
  /** Option tags that a Require may name. */
  readonly options: ReadonlySet<string>;
}

/** Why a request is refused before anything is made of it, and what its answer says. */
export interface Refusal {
  readonly status: 400 | 416 | 420 | 483 | 501;
  /** For the reason phrase and the log: names fields, holds nothing of their values. */
  readonly reason: string;
  /** Header fields that the answer needs besides: Allow, Unsupported. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

const once = ['From', 'To', 'Call-ID', 'CSeq'];
const atMostOnce = ['Max-Forwards', 'Content-Type', 'Content-Length', 'Expires', 'Min-SE', 'Session-Expires', 'RAck'];
/** Each hop adds one to the first three, and there are no more than 70 of them (section 8.1.1.6). Answers repeat them, calls keep them. */
const mostHops = 70;
const perHop = ['Via', 'Record-Route', 'Route', 'Contact'];
const addresses = ['From', 'To', 'Contact', 'Route', 'Record-Route', 'Refer-To', 'Referred-By'];

/**
 * The checks of RFC 3261 sections 8.2 and 16.3 that need no state, in their order. Merged requests (482) are found by the
 * transactions. ACK is checked alike, and whoever gets a refusal for one drops it.
 */
export function checkRequest(request: SipRequest, abilities: Abilities): Refusal | undefined {
  return checkFields(request) ?? checkUri(request) ?? checkAbilities(request, abilities);
}

function checkFields({ method, headers }: SipRequest): Refusal | undefined {
  const via = headers.get('Via');
  if (via === undefined) return bad('Missing Via');
  for (const name of perHop) if (headers.count(name) > mostHops) return bad(`Too Many ${name}`);
  if (headers.all('Via').some((value) => parseVia(value) === undefined)) return bad('Invalid Via');
  for (const name of once) {
    const count = headers.count(name);
    if (count !== 1) return bad(count === 0 ? `Missing ${name}` : `More than one ${name}`);
  }
  for (const name of atMostOnce) if (headers.count(name) > 1) return bad(`More than one ${name}`);
  const cseq = parseCSeq(headers.get('CSeq') ?? '');
  if (cseq === undefined) return bad('Invalid CSeq');
  if (cseq.method !== method) return bad('CSeq Is Of Another Method');
  if (!/^\S+$/.test(headers.get('Call-ID') ?? '')) return bad('Invalid Call-ID');
  for (const name of addresses) {
    for (const value of headers.all(name)) {
      // A registrar's `Contact: *` (section 10.2.2).
      if (name === 'Contact' && value === '*' && method === 'REGISTER') continue;
      if (!isAddress(value)) return bad(`Invalid ${name}`);
    }
  }
  return undefined;
}

function isAddress(value: string): boolean {
  const address = parseNameAddr(value);
  return address !== undefined && parseUri(address.uri) !== undefined;
}

function checkUri({ method, uri, headers }: SipRequest): Refusal | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined) return bad('Invalid Request-URI');
  if (parsed.scheme === 'other') return { status: 416, reason: 'Unsupported URI Scheme', headers: [] };
  // `?Subject=…` may stand in a page's link, never in a Request-URI (section 19.1.1); it would be hidden header fields.
  if (parsed.scheme !== 'tel' && parsed.headers.size > 0) return bad('Headers In Request-URI');
  const hops = headers.get('Max-Forwards');
  if (hops === undefined) return undefined;
  if (!/^\d{1,3}$/.test(hops) || Number(hops) > 255) return bad('Invalid Max-Forwards');
  // The last hop may serve it. A call though is passed on here, so that it goes one hop further; OPTIONS asks who is here (section 11).
  return hops === '0' && method === 'INVITE' ? { status: 483, reason: 'Too Many Hops', headers: [] } : undefined;
}

function checkAbilities({ method, headers }: SipRequest, abilities: Abilities): Refusal | undefined {
  if (!abilities.methods.has(method)) {
    return { status: 501, reason: 'Not Implemented', headers: [['Allow', [...abilities.methods].join(', ')]] };
  }
  // Neither can be refused for it (section 8.2.2.3).
  if (method === 'ACK' || method === 'CANCEL') return undefined;
  const unsupported = headers.all('Require').filter((tag) => !abilities.options.has(tag.toLowerCase()));
  if (unsupported.length === 0) return undefined;
  return { status: 420, reason: 'Bad Extension', headers: [['Unsupported', unsupported.join(', ')]] };
}

function bad(reason: string): Refusal {
  return { status: 400, reason, headers: [] };
}
