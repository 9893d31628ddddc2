// Emits proto/gen/node-types.ts and node-descriptors.ts: what nodes tell each other, apart from what clients see.

import { emitMessage as emitDescriptor, literal } from './emit-descriptors.mjs';
import { emitDoc, emitMessage } from './emit-types.mjs';

const header = '// Generated from proto/parley/node/v1 by `npm run gen`. Do not edit.';

/** @param {ReturnType<import('./load.mjs').loadContract>} contract */
export function emitNodeTypes({ messages, node }) {
  const apart = new Set(messages.map(({ name }) => name));
  const used = node.messages.flatMap(({ fields }) => fields.map(({ type }) => type)).filter((type) => apart.has(type));
  const lines = [header, '', `import type { ${[...new Set(used)].sort().join(', ')} } from './types.ts';`];
  for (const message of node.messages) lines.push('', ...emitMessage(message, message.name, false, new Set()));
  lines.push('', '/** Every message between nodes, by its name. */', 'export interface NodeMessages {');
  for (const { name } of node.messages) lines.push(`  ${name}: ${name};`);
  lines.push('}', '', '/** Every call from node to node that is not a stream. */', 'export interface NodeMethods {');
  for (const { name, request, response, doc } of node.methods.filter(({ stream }) => !stream)) {
    lines.push(...emitDoc(doc, '  '), `  ${name}: { request: ${request}; response: ${response} };`);
  }
  lines.push('}', '');
  return lines.join('\n');
}

/** @param {ReturnType<import('./load.mjs').loadContract>} contract */
export function emitNodeDescriptors({ node }) {
  const methods = node.methods.map(({ name, doc, ...method }) => `    ${name}: ${literal(method)},`);
  return [
    header,
    '',
    "import type { NodeDescriptors } from '../descriptor-types.ts';",
    "import type { NodeMessages } from './node-types.ts';",
    '',
    'export const nodeDescriptors = {',
    '  methods: {',
    ...methods,
    '  },',
    '  messages: {',
    ...node.messages.flatMap(emitDescriptor),
    '  },',
    '} as const satisfies NodeDescriptors<keyof NodeMessages>;',
    '',
  ].join('\n');
}
