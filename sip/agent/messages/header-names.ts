// Names of header fields: compact forms, the spelling that is written, and which fields are lists.
// Source: RFC 3261 section 20, and the IANA registry of SIP header fields for the compact forms.

const compactForms: Readonly<Record<string, string>> = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
};

/** Those that are not merely each word with a capital. */
const unusualSpellings = [
  'Call-ID',
  'CSeq',
  'MIME-Version',
  'Min-SE',
  'P-Asserted-Identity',
  'P-DCS-Billing-Info',
  'RAck',
  'RSeq',
  'SIP-ETag',
  'SIP-If-Match',
  'WWW-Authenticate',
] as const;

/**
 * Whose value is a list with commas (`#(…)` in the grammar of RFC 3261 section 25 and of the extensions), so that one line
 * with a comma and two lines mean the same. Those with challenges and credentials have commas and are none (section 7.3.1).
 */
const listNames = [
  'Accept',
  'Accept-Contact',
  'Accept-Encoding',
  'Accept-Language',
  'Alert-Info',
  'Allow',
  'Allow-Events',
  'Call-Info',
  'Contact',
  'Content-Encoding',
  'Content-Language',
  'Diversion',
  'Error-Info',
  'History-Info',
  'In-Reply-To',
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Path',
  'Proxy-Require',
  'Reason',
  'Record-Route',
  'Reject-Contact',
  'Request-Disposition',
  'Require',
  'Resource-Priority',
  'Route',
  'Security-Client',
  'Security-Server',
  'Security-Verify',
  'Service-Route',
  'Supported',
  'Unsupported',
  'Via',
  'Warning',
];

const spellings = new Map<string, string>([
  ...Object.entries(compactForms),
  ...[...Object.values(compactForms), ...unusualSpellings, ...listNames].map(
    (name) => [name.toLowerCase(), name] as const,
  ),
]);
const lists: ReadonlySet<string> = new Set(listNames);

/** Of names that are nobody's: a peer that invents names fills no memory. */
const maxLearnt = 2_000;
const longestLearnt = 64;

/** The one spelling that a name has here, whatever its case or compact form was: `v` → `Via`, `call-id` → `Call-ID`. */
export function spellHeaderName(name: string): string {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  const spelling = spellings.get(lower) ?? lower.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
  // A copy of its own: a part of a text holds all of the text.
  if (spellings.size < maxLearnt && name.length <= longestLearnt) spellings.set(Buffer.from(name).toString(), spelling);
  return spelling;
}

/** Whether commas part its values. `name` is spelled as {@link spellHeaderName} does. */
export function isListHeader(name: string): boolean {
  return lists.has(name);
}
