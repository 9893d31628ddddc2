// Emits proto/gen/descriptors.ts: the shapes, limits and policies that the server reads at start.

/** @param {ReturnType<import('./load.mjs').loadContract>} contract */
export function emitDescriptors({ messages, services, events }) {
  const lines = [
    '// Generated from proto/parley/v1 by `npm run gen`. Do not edit.',
    '',
    "import type { ContractDescriptors } from '../descriptor-types.ts';",
    "import type { EventName, MethodName } from './types.ts';",
    '',
    'export const descriptors: ContractDescriptors<MethodName, EventName> = {',
    '  methods: {',
  ];
  for (const { name, request, response, policy } of services.flatMap((service) => service.methods)) {
    lines.push(`    '${name}': ${literal({ request, response, policy })},`);
  }
  lines.push('  },', '  events: {');
  for (const { name, message, delivery } of events) lines.push(`    ${name}: ${literal({ message, delivery })},`);
  lines.push('  },', '  messages: {');
  lines.push(...messages.filter(({ name }) => !framing.has(name)).flatMap(emitMessage), '  },', '};', '');
  return lines.join('\n');
}

export function emitMessage({ name, open, fields }) {
  const rows = fields.map(({ doc, ...field }) => `        ${literal(field)},`);
  return [`    ${name}: {`, `      open: ${open},`, '      fields: [', ...rows, '      ],', '    },'];
}

const framing = new Set(['ClientFrame', 'ServerFrame', 'Event']);

export function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${literal(item)}`);
  return entries.length > 0 ? `{ ${entries.join(', ')} }` : '{}';
}
