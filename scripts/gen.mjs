// Generates everything that follows from proto/parley. `--check` writes nothing and fails when a file is stale.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { codecTypes, emitCodec, emitNodeCodec, nodeCodecTypes } from './contract/emit-codec.mjs';
import { emitDescriptors } from './contract/emit-descriptors.mjs';
import { emitNodeDescriptors, emitNodeTypes } from './contract/emit-node.mjs';
import { emitProtocolDoc } from './contract/emit-protocol-doc.mjs';
import { emitTypes } from './contract/emit-types.mjs';
import { loadContract } from './contract/load.mjs';

const check = process.argv.includes('--check');
const contract = loadContract();
const outputs = {
  'proto/gen/types.ts': emitTypes(contract),
  'proto/gen/descriptors.ts': emitDescriptors(contract),
  'proto/gen/messages.js': await emitCodec(contract),
  'proto/gen/messages.d.ts': codecTypes,
  'proto/gen/node-types.ts': emitNodeTypes(contract),
  'proto/gen/node-descriptors.ts': emitNodeDescriptors(contract),
  'proto/gen/node-messages.js': await emitNodeCodec(contract),
  'proto/gen/node-messages.d.ts': nodeCodecTypes,
  'docs/protocol.md': emitProtocolDoc(contract),
};

const stale = [];
for (const [path, text] of Object.entries(outputs)) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (!check) writeFileSync(file, text);
}
if (check && stale.length > 0) {
  console.error(`stale: ${stale.join(', ')}. Run: npm run gen`);
  process.exitCode = 1;
} else {
  console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'generated files are up to date');
}
