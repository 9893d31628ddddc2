// Emits proto/gen/types.ts: one interface per message, and the maps Methods and Events that the server's handlers
// and the SDK's calls are typed by.

const scalarTypes = {
  string: 'string',
  bool: 'boolean',
  uint32: 'number',
  int32: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  Value: 'JsonScalar',
};

/** @param {ReturnType<import('./load.mjs').loadContract>} contract */
export function emitTypes({ messages, services, events }) {
  const byName = new Map(messages.map((message) => [message.name, message]));
  const initNames = reachable(
    services.flatMap((service) => service.methods.map((method) => method.request)),
    byName,
  );
  const framing = new Set(['ClientFrame', 'ServerFrame', 'Event']);
  const lines = [
    '// Generated from proto/parley/v1 by `npm run gen`. Do not edit.',
    '',
    '/** What a format parameter (`a=fmtp`) may be. */',
    'export type JsonScalar = string | number | boolean;',
  ];
  for (const message of messages) {
    if (framing.has(message.name)) continue;
    lines.push('', ...emitMessage(message, message.name, false, initNames));
    if (initNames.has(message.name)) {
      lines.push('', ...emitMessage(message, `${message.name}Init`, true, initNames));
    }
  }
  lines.push(
    '',
    '/** Every method: what is sent (`init`), what the handler gets (`request`), what comes back (`response`). */',
  );
  lines.push('export interface Methods {');
  for (const method of services.flatMap((service) => service.methods)) {
    lines.push(...emitDoc(method.doc, '  '));
    lines.push(
      `  '${method.name}': { init: ${method.request}Init; request: ${method.request}; response: ${method.response} };`,
    );
  }
  lines.push('}', '', 'export type MethodName = keyof Methods;', '');
  lines.push('/** Every event that the server sends, by its name. */', 'export interface Events {');
  for (const event of events) {
    lines.push(...emitDoc(event.doc, '  '), `  ${event.name}: ${event.message};`);
  }
  lines.push('}', '', 'export type EventName = keyof Events;', '');
  return lines.join('\n');
}

export function emitMessage(message, name, init, initNames) {
  const doc = init
    ? `What a caller gives for {@link ${message.name}}: what is not required may be left out.`
    : message.doc;
  if (message.fields.length === 0) return [...emitDoc(doc, ''), `export type ${name} = Record<string, never>;`];
  const lines = [...emitDoc(doc, ''), `export interface ${name} {`];
  for (const field of message.fields) {
    const singleMessage = field.isMessage && field.kind === 'single';
    const mayBeAbsent = init
      ? !(field.limits.required || (field.limits.minItems ?? 0) > 0)
      : field.optional || (singleMessage && !field.limits.required);
    lines.push(...emitDoc(field.doc, '  '));
    lines.push(
      `  ${field.name}${mayBeAbsent ? '?' : ''}: ${typeOf(field, init, initNames)}${mayBeAbsent ? ' | undefined' : ''};`,
    );
  }
  return [...lines, '}'];
}

function typeOf(field, init, initNames) {
  let type = scalarTypes[field.type] ?? (init && initNames.has(field.type) ? `${field.type}Init` : field.type);
  if (field.limits.in) type = field.limits.in.map((value) => `'${value}'`).join(' | ');
  if (field.kind === 'list') return type.includes('|') ? `(${type})[]` : `${type}[]`;
  return field.kind === 'map' ? `Record<string, ${type}>` : type;
}

export function emitDoc(text, indent) {
  if (!text) return [];
  const rows = text.split('\n').map((row) => row.trim());
  return rows.length === 1
    ? [`${indent}/** ${rows[0]} */`]
    : [`${indent}/**`, ...rows.map((row) => `${indent} * ${row}`), `${indent} */`];
}

/** The messages of these names and all that they are made of. */
export function reachable(names, byName) {
  const seen = new Set();
  const visit = (name) => {
    const message = byName.get(name);
    if (!message || seen.has(name)) return;
    seen.add(name);
    for (const field of message.fields) visit(field.type);
  };
  names.forEach(visit);
  return seen;
}
