// Emits docs/protocol.md: every method, event and message with its limits, from the schema and its comments.

const intro = `# The protocol

Generated from \`proto/parley/v1\` by \`npm run gen\`. Do not edit.

One WebSocket endpoint, \`/ws\`, with two subprotocols that carry the same messages:

- \`parley.v1.json\`: JSON-RPC 2.0, one message a text frame. A call is \`{"jsonrpc":"2.0","id":1,"method":"room.join","params":{…}}\`,
  its answer \`{"jsonrpc":"2.0","id":1,"result":{…}}\` or \`{"jsonrpc":"2.0","id":1,"error":{"code":-32004,"message":"…","data":{"reason":"ROOM_FULL",…}}}\`,
  an event a notification: \`{"jsonrpc":"2.0","method":"peersJoined","params":{…}}\`.
- \`parley.v1.protobuf\`: one \`ClientFrame\` or \`ServerFrame\` (frame.proto) a binary frame.

The first call is \`session.connect\`. Fields that are not marked *required* may be left out: a string is then empty, a number 0, a bool false.
JSON members that a message does not name are refused, except in messages marked *open*. Reasons of failures: [errors.md](errors.md).
`;

/** @param {ReturnType<import('./load.mjs').loadContract>} contract */
export function emitProtocolDoc({ messages, services, events }) {
  const lines = [intro, '## Methods', ''];
  for (const service of services) {
    lines.push(
      `### ${service.area}`,
      '',
      service.doc,
      '',
      '| method | request | answer | needs | rate | what it does |',
      '| --- | --- | --- | --- | --- | --- |',
    );
    for (const method of service.methods) {
      lines.push(
        `| \`${method.name}\` | ${link(method.request)} | ${link(method.response)} | ${method.policy.requires ? `\`${method.policy.requires}\`` : '–'} | ${rateOf(method.policy)} | ${cell(method.doc)} |`,
      );
    }
    lines.push('');
  }
  lines.push('## Events', '', '| event | payload | when |', '| --- | --- | --- |');
  for (const event of events) {
    const note = deliveryNotes[event.delivery];
    lines.push(`| \`${event.name}\` | ${link(event.message)} | ${cell(event.doc)}${note} |`);
  }
  lines.push('', '## Messages', '');
  for (const message of messages) {
    if (['Event'].includes(message.name)) continue;
    lines.push(`### ${message.name}`, '');
    if (message.doc) lines.push(message.doc, '');
    if (message.open) lines.push('*Open: members that are not named here are dropped.*', '');
    if (message.fields.length === 0) lines.push('No fields.', '');
    else {
      lines.push('| field | type | limits | meaning |', '| --- | --- | --- | --- |');
      for (const field of message.fields) {
        lines.push(`| \`${field.name}\` | ${typeOf(field)} | ${limitsOf(field)} | ${cell(field.doc)} |`);
      }
      lines.push('');
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function link(name) {
  // It is no message of its own here: its fields are the list of events.
  if (name === 'Event') return '[Event](#events)';
  return `[${name}](#${name.toLowerCase()})`;
}

function cell(text) {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|');
}

function rateOf(policy) {
  return policy.perSecond ? `${policy.perSecond}/s, burst ${policy.burst}` : '–';
}

function typeOf(field) {
  const base =
    field.isMessage && field.type !== 'Value'
      ? link(field.type)
      : field.type === 'Value'
        ? 'string, number or bool'
        : field.type;
  if (field.kind === 'list') return `list of ${base}`;
  return field.kind === 'map' ? `map of string to ${base}` : base;
}

function limitsOf({ limits, optional }) {
  const parts = [];
  if (limits.required) parts.push('required');
  if (optional) parts.push('optional');
  if (limits.maxBytes) parts.push(`≤ ${limits.maxBytes} bytes`);
  if (limits.pattern) parts.push(`\`${limits.pattern.replaceAll('|', '\\|')}\``);
  if (limits.in) parts.push(limits.in.map((value) => `\`${value || '""'}\``).join(', '));
  if (limits.min !== undefined) parts.push(`≥ ${limits.min}`);
  if (limits.max !== undefined) parts.push(`≤ ${limits.max}`);
  if (limits.minItems) parts.push(`≥ ${limits.minItems} entries`);
  if (limits.maxItems) parts.push(`≤ ${limits.maxItems} entries`);
  return parts.join('; ');
}

const deliveryNotes = {
  control: '',
  log: ' *Log: comes later, from the log, to a reader that is slow.*',
  ephemeral: ' *Ephemeral: dropped for a reader that is slow.*',
};
