import type { Bindings } from './bindings.ts';

/** What we say besides, and why nobody was reached, which drachtio-server does not tell. */
const ours: ReadonlyMap<string, RegExp> = new Map([
  ['allow', /^/],
  ['contact', /^/],
  ['supported', /^/],
  ['warning', /^399 localhost "cannot be reached: [^"]+"$/],
]);

/** How a frame differs from the captured one; nothing when it means the same to drachtio-srf. */
export function compareFrames(captured: string, actual: string, bindings: Bindings): string[] {
  const [left, right] = [cut(captured), cut(actual)];
  const differences: string[] = [];
  if (left.tokens.length !== right.tokens.length) differences.push(`${right.meta} has not the tokens of ${left.meta}`);
  for (const [at, token] of left.tokens.entries()) {
    if (!sameToken(token, right.tokens[at] ?? '', bindings))
      differences.push(`token ${at} of ${right.meta}, in the capture ${left.meta}`);
  }
  return left.message === '' && right.message === ''
    ? differences
    : [...differences, ...compareMessages(left.message, right.message, bindings)];
}

function sameToken(captured: string, actual: string, bindings: Bindings): boolean {
  if (bindings.sameText(captured, actual)) return true;
  // Times, sizes (nothing remains nothing), and the protocol, which drachtio leaves out at times.
  if (/^\d\d:\d\d:\d\d\.\d{6}$/.test(captured)) return /^\d\d:\d\d:\d\d\.\d{6}$/.test(actual);
  if (/^[1-9]\d*$/.test(captured)) return /^[1-9]\d*$/.test(actual) && Number(captured) < 1_000;
  return captured === '' && /^(udp|tcp)$/.test(actual);
}

function compareMessages(captured: string, actual: string, bindings: Bindings): string[] {
  const [left, right] = [readMessage(captured), readMessage(actual)];
  const differences: string[] = [];
  if (!bindings.sameText(left.start, right.start)) differences.push(`${right.start} for ${left.start}`);
  if (left.body !== right.body) differences.push('another body');
  // Our ACK is told of before its way is known.
  const optional = left.start.startsWith('ACK ') ? ['via'] : [];
  for (const [name, values] of left.fields) {
    const other = right.fields.get(name);
    if (other === undefined && optional.includes(name)) continue;
    if (!bindings.sameText(values.join('\n'), (other ?? []).join('\n')))
      differences.push(`${name}: ${other?.join(', ')} for ${values.join(', ')}`);
  }
  for (const [name, values] of right.fields) {
    const isOurs = ours.get(name)?.test(values.join(', ')) === true;
    if (!left.fields.has(name) && !isOurs) differences.push(`${name} is not in the capture`);
  }
  return differences;
}

function cut(payload: string) {
  const end = payload.indexOf('\r\n');
  const meta = end < 0 ? payload : payload.slice(0, end);
  return { meta, tokens: meta.split('|'), message: end < 0 ? '' : payload.slice(end + 2) };
}

function readMessage(text: string) {
  const end = text.indexOf('\r\n\r\n');
  const [start = '', ...lines] = text.slice(0, end).split('\r\n');
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    const key = name.toLowerCase();
    fields.set(key, [...(fields.get(key) ?? []), ...value.split(/,\s*/).map((one) => normalize(key, one))]);
  }
  return { start, fields, body: text.slice(end + 4) };
}

/** Brackets that need not be, and the order of parameters, mean nothing. */
function normalize(name: string, value: string): string {
  const plain = value.replaceAll(/[<>]/g, '').replace(/;received=[^;]*/, '');
  if (name !== 'via') return plain;
  const [place, ...parameters] = plain.split(';');
  return [place, ...parameters.sort()].join(';');
}
